import type { JsonValue } from '../card/json-value.ts';

/** One array of a layer in a file. */
export interface SavedArray {
  /**
   * Name in the file: `kernel` in HDF5 files of whole models and applications, a number in
   * `.weights.h5`.
   */
  name: string;
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

/** The arrays of one layer, in Keras's order: trainable ones first. */
export interface SavedLayer {
  /** Name of the layer. Absent in `.weights.h5` files of early versions of Keras 3. */
  name?: string;
  /** Path in the file, for example `layers/conv2d_1`. */
  path: string;
  arrays: SavedArray[];
}

/** The content of a Keras weights file, with nested layers in one flat list. */
export interface KerasWeights {
  /**
   * `keras3`: `.weights.h5` or the inside of `.keras`. `legacy`: `.h5` of applications and whole
   * models.
   */
  layout: 'keras3' | 'legacy';
  /** Layers that have arrays, in the file's order. */
  layers: SavedLayer[];
  /** The model's configuration, if the file contains a whole model. */
  config?: Readonly<Record<string, JsonValue>>;
}

/** Limits on the size of a file and its content. */
export interface KerasWeightsLimits {
  /** Bytes of the file, and of all its arrays. Default 2 GiB. */
  maxBytes?: number;
}

/** 2 GiB; no model of Keras's applications needs a quarter of it. */
export const DEFAULT_MAX_BYTES: number = 2 ** 31;
