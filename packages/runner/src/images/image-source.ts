import type { Policy, Random } from '@fixres/data';

/** A batch of images as levels 0..255. */
export interface ImageBatch {
  /** images x height x width x 3; empty where `features` stand in their place. */
  pixels: Uint8Array;
  /** [images, height, width, 3] */
  shape: [number, number, number, 3];
  /** Class index of each image. */
  labels: Int32Array;
  /** images x classes probabilities to train towards instead of `labels`, where images are mixed or labels smoothed. */
  targets?: Float32Array | undefined;
  /** Position of each image in its source. */
  indices: Uint32Array;
  /** What a frozen trunk makes of the images, from a source of kept features. Valid until the next batch is asked for. */
  features?: { values: Float32Array; shape: number[] } | undefined;
}

/** Images that a run reads in passes. `ImageLoader` of `@fixres/data/node` makes one; a page can bring its own. */
export interface ImageSource {
  /** Number of images. */
  size: number;
  /** What each image is called, for messages. */
  ids?: readonly string[];
  /** What is known of a pass before it is read. Without it features of a frozen trunk cannot be kept. */
  access?: ImageAccess;
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

/** What a source knows without reading an image, and its images one by one. */
export interface ImageAccess {
  /** Class index of each image. */
  labels: Int32Array;
  /** The images of a pass, in its order. */
  order(pass: { seed: number; epoch: number; shuffle: boolean }): Uint32Array;
  /** The stream from which a pass draws the view of an image. */
  viewRandom(pass: { seed: number; epoch: number }, index: number): Random;
  /** These images as a source of their own, in this order. */
  select(indices: Uint32Array): ImageSource;
}
