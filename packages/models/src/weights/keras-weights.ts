import type { JsonValue } from '../card/json-value.ts';

/** One array of a layer, as a file holds it. */
export interface SavedArray {
  /** Name in the file: `kernel` in HDF5 files of whole models and applications, a number in `.weights.h5`. */
  name: string;
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

/** The arrays of one layer, in Keras's order: trainable ones first. */
export interface SavedLayer {
  /** Name of the layer. `.weights.h5` files of early versions of Keras 3 have none. */
  name?: string;
  /** Where the file has it, for example `layers/conv2d_1`. */
  path: string;
  arrays: SavedArray[];
}

/** What a weights file of Keras holds, layers within layers brought onto one level. */
export interface KerasWeights {
  /** `keras3`: `.weights.h5` or the inside of `.keras`. `legacy`: `.h5` of applications and whole models. */
  layout: 'keras3' | 'legacy';
  /** Layers that have arrays, in the file's order. */
  layers: SavedLayer[];
  /** The model's configuration, of files that hold whole models. */
  config?: Readonly<Record<string, JsonValue>>;
}

/** How large a file may be and what it may ask for. */
export interface KerasWeightsLimits {
  /** Bytes of the file, and of all its arrays. Default 2 GiB. */
  maxBytes?: number;
}

/** 2 GiB: no model of Keras's applications has a quarter of it. */
export const DEFAULT_MAX_BYTES: number = 2 ** 31;
