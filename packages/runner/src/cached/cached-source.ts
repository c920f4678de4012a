import type { FixedViews } from '@fixres/data';
import type { FeatureCache } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from '../errors.ts';
import type { ImageAccess, ImageBatch, ImageSource } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';

/** Images with cached features. */
export interface CachedSourceOptions {
  access: ImageAccess;
  /** The views of the policy of all passes. */
  views: FixedViews;
  cache: FeatureCache;
  /** Index in the cache of the first image's first view. Default 0. */
  firstView?: number;
}

/**
 * A source with the same order and views as the source behind it, which returns features instead of
 * pixels. Images are read, and the trunk runs, only for views that are not in the cache yet: in
 * whole batches, in the order in which the pass needs them.
 *
 * The policy of a pass must be the one of the views. Passes throw FixresRunnerError `features-lost`
 * if a store does not return what was just written.
 */
export function cachedSource({
  access,
  views,
  cache,
  firstView = 0,
}: CachedSourceOptions): ImageSource {
  const variants = views.policies.length;
  const length = tf.util.sizeFromShape([...cache.shape]);
  return {
    size: access.labels.length,
    async *batches({ batchSize, seed, epoch, shuffle, sampling, position = 0, signal }) {
      const order = access.order({ seed, epoch, shuffle, sampling });
      const seen = new Map<number, number>();
      const all = Uint32Array.from(order, (index) => {
        const copy = seen.get(index) ?? 0;
        seen.set(index, copy + 1);
        const random = access.viewRandom({ seed, epoch }, index, copy % 256);
        return firstView + index * variants + views.draw(random);
      });
      const [indices, wanted] = [order.slice(position), all.slice(position)];
      const missing = new MissingViews({ access, views, cache, firstView }, batchSize, signal);
      const buffers = [
        new Float32Array(batchSize * length),
        new Float32Array(batchSize * length),
      ] as const;
      const part = (batch: number): Uint32Array =>
        wanted.subarray(batch * batchSize, (batch + 1) * batchSize);
      const read = (batch: number): Promise<number[]> =>
        cache.read(part(batch), buffers[batch % 2 === 0 ? 0 : 1]);
      const batches = Math.ceil(wanted.length / batchSize);
      missing.foresee(wanted, { fillUp: true });
      let ahead: Promise<number[]> | undefined;
      try {
        for (let batch = 0; batch < batches; batch++) {
          signal?.throwIfAborted();
          await missing.add(part(batch));
          let damaged = await (ahead ?? read(batch));
          if (damaged.length > 0) {
            missing.foresee(damaged);
            await missing.add(damaged);
            damaged = await read(batch);
            if (damaged.length > 0) throw featuresLost(damaged[0]!);
          }
          // While training uses a batch, the next one is read, if it is complete in the cache.
          ahead =
            batch + 1 < batches && part(batch + 1).every((view) => cache.has(view))
              ? read(batch + 1)
              : undefined;
          ahead?.catch(() => undefined);
          const shown = indices.slice(batch * batchSize, (batch + 1) * batchSize);
          const values = buffers[batch % 2 === 0 ? 0 : 1].subarray(0, shown.length * length);
          const result: ImageBatch = {
            pixels: new Uint8Array(0),
            shape: [shown.length, 0, 0, 3],
            labels: Int32Array.from(shown, (index) => access.labels[index]!),
            ...(access.multiHot && { targets: access.multiHot(shown) }),
            indices: shown,
            features: { values, shape: [shown.length, ...cache.shape] },
          };
          yield result;
        }
      } finally {
        await Promise.allSettled([ahead, missing.close()]);
      }
    },
  };
}

function featuresLost(view: number): FixresRunnerError {
  return new FixresRunnerError(
    'features-lost',
    `The features of view ${view} cannot be read although they were just written; the disk may be failing.`,
  );
}

/**
 * Reads the images of views that are missing in a cache, each variant of a view in its own stream,
 * and adds their features.
 */
class MissingViews {
  readonly #options: Required<CachedSourceOptions>;
  readonly #batchSize: number;
  readonly #signal: AbortSignal | undefined;
  readonly #streams: AsyncGenerator<ImageBatch, void>[][] = [];

  constructor(
    options: Required<CachedSourceOptions>,
    batchSize: number,
    signal: AbortSignal | undefined,
  ) {
    this.#options = options;
    this.#batchSize = batchSize;
    this.#signal = signal;
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
        const next = await stream.next();
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
