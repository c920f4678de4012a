import type { Policy, Random } from '@fixres/data';
import type { Sampling } from '@fixres/runs';

/** A batch of images as levels 0..255. */
export interface ImageBatch {
  /** images x height x width x 3; empty if `features` replace them. */
  pixels: Uint8Array;
  /** [images, height, width, 3] */
  shape: [number, number, number, 3];
  /** Class index of each image; of a multi-label image its first, or -1. */
  labels: Int32Array;
  /**
   * images x classes probabilities to train towards instead of `labels`, for mixed images or
   * smoothed labels. Of multi-label images: 1 for each of their classes.
   */
  targets?: Float32Array | undefined;
  /** Position of each image in its source. */
  indices: Uint32Array;
  /**
   * Output of a frozen trunk for the images, from a source of cached features. Valid until the next
   * batch is requested.
   */
  features?: { values: Float32Array; shape: number[] } | undefined;
}

/**
 * Images that a run reads in passes. `ImageLoader` of `@fixres/data/node` creates one; a page can
 * use its own.
 */
export interface ImageSource {
  /** Number of images. */
  size: number;
  /** Names of the images, for messages. */
  ids?: readonly string[];
  /**
   * Information about a pass before it is read. Without it, features of a frozen trunk cannot be
   * cached.
   */
  access?: ImageAccess;
  /**
   * One pass. The order and the views follow from (seed, epoch) alone. A run that is resumed in the
   * middle of an epoch leaves out the first `position` images of the pass.
   *
   * With `share`, a shuffled pass has every `ranks`-th image, starting at `rank`, and the first
   * images again until all ranks have equally many; batch size and position are those of the rank.
   * Only sources for a training on several processes need it.
   */
  batches(options: {
    policy: Policy;
    batchSize: number;
    seed: number;
    epoch: number;
    shuffle: boolean;
    /** Which images a shuffled pass visits. Default: each one once. */
    sampling?: Sampling | undefined;
    position?: number;
    share?: { rank: number; ranks: number };
    signal?: AbortSignal | undefined;
  }): AsyncIterable<ImageBatch>;
  /** Recycles the memory of a batch; its pixels are no longer used. */
  release?(batch: ImageBatch): void;
}

/** Information of a source that needs no reading, and its images one by one. */
export interface ImageAccess {
  /** Class index of each image. */
  labels: Int32Array;
  /** The rows of `targets` of these images; only for multi-label images. */
  multiHot?: ((indices: Uint32Array) => Float32Array) | undefined;
  /** The images of a pass, in its order. */
  order(pass: {
    seed: number;
    epoch: number;
    shuffle: boolean;
    sampling?: Sampling | undefined;
  }): Uint32Array;
  /**
   * The stream from which a pass draws the view of an image.
   *
   * @param copy how often the pass has visited the image before, modulo 256. Default 0
   */
  viewRandom(pass: { seed: number; epoch: number }, index: number, copy?: number): Random;
  /** A source of only these images, in this order. */
  select(indices: Uint32Array): ImageSource;
}
