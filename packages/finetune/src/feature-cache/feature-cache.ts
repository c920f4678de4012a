import * as tf from '@tensorflow/tfjs-core';
import type { FeatureStore } from './feature-store.ts';
import type { FeatureSplit } from './split-features.ts';

/**
 * The features of a frozen trunk, by the number of the view. Once a view is added, it is read from
 * the store.
 */
export class FeatureCache {
  /** Features of one view. */
  readonly shape: readonly number[];
  readonly #split: FeatureSplit;
  readonly #store: FeatureStore;
  readonly #length: number;

  /**
   * @param store created for records of this length; the cache disposes it
   * @param shape of the features of one view, from `planFeatures`
   */
  constructor(split: FeatureSplit, store: FeatureStore, shape: readonly number[]) {
    this.#split = split;
    this.#store = store;
    this.shape = shape;
    this.#length = tf.util.sizeFromShape([...shape]);
  }

  has(view: number): boolean {
    return this.#store.has(view);
  }

  /**
   * Runs the trunk on images and caches their features.
   *
   * @param views the number of each image's view
   * @param images remain owned by the caller
   */
  async add(views: ArrayLike<number>, images: tf.Tensor): Promise<void> {
    const features = this.#split.features(images);
    try {
      await this.write(views, await features.data<'float32'>());
    } finally {
      features.dispose();
    }
  }

  /**
   * Caches features that the trunk computed elsewhere.
   *
   * @param values views x {@link shape} numbers, one view after another
   */
  async write(views: ArrayLike<number>, values: Float32Array): Promise<void> {
    for (let i = 0; i < views.length; i++) {
      await this.#store.write(views[i]!, values.subarray(i * this.#length, (i + 1) * this.#length));
    }
  }

  /**
   * Reads the features of several views, one after another, into an array.
   *
   * @param into space for views x {@link shape} numbers
   * @returns the views that must be added again, because they are missing or damaged in the store
   */
  async read(views: ArrayLike<number>, into: Float32Array): Promise<number[]> {
    const found = await Promise.all(
      Array.from(views, (view, i) =>
        this.#store.read(view, into.subarray(i * this.#length, (i + 1) * this.#length)),
      ),
    );
    return Array.from(views).filter((_, i) => !found[i]);
  }

  async dispose(): Promise<void> {
    await this.#store.dispose();
  }
}
