import type { Policy } from '@fixres/data';

/** A batch of images as levels 0..255. */
export interface ImageBatch {
  /** images x height x width x 3 */
  pixels: Uint8Array;
  /** [images, height, width, 3] */
  shape: [number, number, number, 3];
  /** Class index of each image. */
  labels: Int32Array;
  /** images x classes probabilities to train towards instead of `labels`, where images are mixed or labels smoothed. */
  targets?: Float32Array | undefined;
  /** Position of each image in its source. */
  indices: Uint32Array;
}

/** Images that a run reads in passes. `ImageLoader` of `@fixres/data/node` makes one; a page can bring its own. */
export interface ImageSource {
  /** Number of images. */
  size: number;
  /** What each image is called, for messages. */
  ids?: readonly string[];
  /**
   * One pass. The order and the views follow from (seed, epoch) alone. A run that goes on in the middle of an epoch leaves out the
   * first `position` images of the pass.
   */
  batches(options: {
    policy: Policy;
    batchSize: number;
    seed: number;
    epoch: number;
    shuffle: boolean;
    position?: number;
    signal?: AbortSignal | undefined;
  }): AsyncIterable<ImageBatch>;
  /** Takes the memory of a batch back for later ones: its pixels are not used any more. */
  release?(batch: ImageBatch): void;
}
