import type { FixedViews } from '@fixres/data';
import type { FeatureCache } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageAccess, ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';

/** Images with cached features. */
export interface CachedViews {
  access: ImageAccess;
  /** The views of the policy of all passes. */
  views: FixedViews;
  cache: FeatureCache;
  /** Index in the cache of the first image's first view. */
  firstView: number;
}

/**
 * Reads the images of views that are missing in a cache, each variant of a view in its own stream,
 * and adds their features.
 */
export class MissingViews {
  readonly #options: CachedViews;
  readonly #batchSize: number;
  readonly #signal: AbortSignal | undefined;
  readonly #streams: AsyncGenerator<ImageBatch, void>[][] = [];
  #waited = 0;

  constructor(options: CachedViews, batchSize: number, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#batchSize = batchSize;
    this.#signal = signal;
  }

  /** Milliseconds in which {@link add} waited for images. */
  get waited(): number {
    return this.#waited;
  }

  /**
   * Sets the order in which views will be needed.
   *
   * @param fillUp fills the last batch with views for later passes, because half a batch costs
   * nearly as much
   */
  foresee(wanted: ArrayLike<number>, { fillUp = false }: { fillUp?: boolean } = {}): void {
    const { access, views, cache, firstView } = this.#options;
    const variants = views.policies.length;
    const absent = new Set(Array.from(wanted).filter((view) => !cache.has(view)));
    views.policies.forEach((policy, variant) => {
      const ofVariant = Array.from(absent).filter(
        (view) => (view - firstView) % variants === variant,
      );
      if (ofVariant.length === 0) return;
      const whole = fillUp ? Math.ceil(ofVariant.length / this.#batchSize) * this.#batchSize : 0;
      for (let image = 0; image < access.labels.length && ofVariant.length < whole; image++) {
        const view = firstView + image * variants + variant;
        if (!cache.has(view) && !absent.has(view)) ofVariant.push(view);
      }
      const source = access.select(
        Uint32Array.from(ofVariant, (view) => Math.floor((view - firstView) / variants)),
      );
      const pass = {
        policy,
        batchSize: this.#batchSize,
        seed: 0,
        epoch: 0,
        shuffle: false,
        signal: this.#signal,
      };
      (this.#streams[variant] ??= []).push(withViews(source.batches(pass), ofVariant));
    });
  }

  /** Adds at least these views to the cache. */
  async add(wanted: ArrayLike<number>): Promise<void> {
    const { views, cache, firstView } = this.#options;
    for (const view of Array.from(wanted)) {
      const streams = this.#streams[(view - firstView) % views.policies.length] ?? [];
      while (!cache.has(view)) {
        this.#signal?.throwIfAborted();
        const stream = streams.at(-1);
        if (stream === undefined) throw new Error(`View ${view} was not announced.`);
        const asked = performance.now();
        const next = await stream.next();
        this.#waited += performance.now() - asked;
        if (next.done === true) {
          streams.pop();
          continue;
        }
        const batch = next.value;
        const images = imageTensor(batch);
        try {
          await cache.add(batch.indices, images);
        } finally {
          images.dispose();
        }
        // The trunk blocks the event loop; this lets signals and worker messages through.
        await tf.nextFrame();
      }
    }
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.flat()) await stream.return();
  }
}

/** Batches of a source, with the view numbers for the positions in the source. */
async function* withViews(
  batches: AsyncIterable<ImageBatch>,
  views: readonly number[],
): AsyncGenerator<ImageBatch, void> {
  for await (const batch of batches)
    yield { ...batch, indices: batch.indices.map((index) => views[index]!) };
}
