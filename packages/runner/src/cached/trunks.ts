import { type ImageSize, imageSizeText } from '@fixres/data';
import type { FeatureSplit } from '@fixres/finetune';
import type { Precision } from '@fixres/runs';
import type * as tf from '@tensorflow/tfjs-core';

/** A trunk that does not run kernel by kernel. */
export interface FastTrunk {
  /**
   * The features of images [b, h, w, 3] of levels 0..255, like `split.features`. The caller
   * disposes them.
   */
  features(images: tf.Tensor): tf.Tensor;
  /** `bfloat16` if all features are bfloat16 numbers. */
  readonly precision: Precision;
  dispose(): void;
}

/** Returns null if the trunk must run kernel by kernel. */
export type TrunkFactory = (split: FeatureSplit, request: TrunkRequest) => FastTrunk | null;

interface TrunkRequest {
  batchSize: number;
  /** Data type of the computation; the features themselves are float32. */
  precision: Precision;
  /** Size of the images. */
  size: ImageSize;
  /** Called if the trunk is not the requested one, with the reason. */
  onWarning: (message: string) => void;
}

/** The trunks of an arm, one for each image size and precision, each made when it is first used. */
export class Trunks {
  readonly #split: FeatureSplit;
  readonly #create: TrunkFactory | undefined;
  readonly #request: Pick<TrunkRequest, 'batchSize' | 'onWarning'>;
  readonly #made = new Map<string, FastTrunk | null>();

  constructor(
    split: FeatureSplit,
    create: TrunkFactory | undefined,
    request: Pick<TrunkRequest, 'batchSize' | 'onWarning'>,
  ) {
    this.#split = split;
    this.#create = create;
    this.#request = request;
  }

  /** The trunk for images of a size; kernel by kernel if there is no other. */
  of(size: ImageSize, precision: Precision): Pick<FastTrunk, 'features' | 'precision'> {
    const key = `${imageSizeText(size)} ${precision}`;
    let trunk = this.#made.get(key);
    if (trunk === undefined) {
      trunk = this.#create?.(this.#split, { ...this.#request, size, precision }) ?? null;
      this.#made.set(key, trunk);
    }
    return trunk ?? { features: (images) => this.#split.features(images), precision: 'float32' };
  }

  dispose(): void {
    for (const trunk of this.#made.values()) trunk?.dispose();
    this.#made.clear();
  }
}
