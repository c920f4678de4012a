import { availableParallelism } from 'node:os';
import type { Policy } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { shuffledIndices } from '../shuffle.ts';
import type { Example } from './class-folders.ts';
import { WorkerPool } from './worker-pool.ts';
import type { ImageFailure, WorkItem } from './worker-protocol.ts';

/** A batch of model inputs. */
export interface Batch {
  /** images x height x width x 3 levels, 0..255, RGB. */
  pixels: Uint8Array<ArrayBuffer>;
  /** [images, height, width, 3] */
  shape: [number, number, number, 3];
  /** Class index of each image. */
  labels: Int32Array;
  /** Position of each image in the list of examples given. */
  indices: Uint32Array;
}

export interface BatchesOptions {
  policy: Policy;
  batchSize: number;
  /** Seed of shuffling and augmentation. Default 0. */
  seed?: number;
  /** Number of the epoch: another epoch has another order and other views. Default 0. */
  epoch?: number;
  /** Whether examples (not batches) are shuffled. Default false. */
  shuffle?: boolean;
  signal?: AbortSignal | undefined;
}

export interface ImageLoaderOptions {
  /** Threads that decode and resample. Default: one for each core, at most 4. */
  threads?: number;
  /** Batches made ahead of the consumer, who is never overrun: no more than this many wait. Default: 2 for each thread. */
  prefetch?: number;
}

/** Reads, decodes and resamples images in worker threads. Close it when done. */
export class ImageLoader {
  readonly #pool: WorkerPool;
  readonly #threads: number;
  readonly #prefetch: number;

  constructor({ threads = Math.min(availableParallelism(), 4), prefetch = 2 * threads }: ImageLoaderOptions = {}) {
    this.#threads = threads;
    this.#prefetch = prefetch;
    this.#pool = new WorkerPool(threads);
  }

  /**
   * One pass over the examples. The order and every view follow from (seed, epoch) alone. The last batch may be smaller.
   *
   * @throws FixresDataError `corrupt-image` naming the image; the signal's reason when aborted
   */
  async *batches(examples: readonly Example[], options: BatchesOptions): AsyncGenerator<Batch, void, undefined> {
    const { policy, batchSize, seed = 0, epoch = 0, shuffle = false, signal } = options;
    const order = shuffle
      ? shuffledIndices(examples.length, createRandom(seed, 'shuffle', epoch))
      : Uint32Array.from(examples.keys());
    const { width, height } = policy.output;

    const start = async (from: number): Promise<Batch> => {
      const indices = order.slice(from, from + batchSize);
      const items = Array.from(indices, (index) => workItem(examples[index]!, index));
      const { pixels } = await this.#pool.run<'batch'>({ type: 'batch', policy, seed, epoch, items });
      const labels = Int32Array.from(indices, (index) => examples[index]!.label);
      return { pixels, shape: [indices.length, height, width, 3], labels, indices };
    };

    const ahead: Promise<Batch>[] = [];
    let next = 0;
    try {
      while (next < order.length || ahead.length > 0) {
        for (; next < order.length && ahead.length < this.#prefetch; next += batchSize) {
          const batch = start(next);
          // A failure is reported when its turn comes, not while nobody waits for it.
          batch.catch(() => undefined);
          ahead.push(batch);
        }
        const batch = await ahead.shift()!;
        signal?.throwIfAborted();
        yield batch;
      }
    } finally {
      // The consumer may stop early; what is still being made is dropped, and its failures with it.
      await Promise.allSettled(ahead);
    }
  }

  /**
   * Decodes every image once and tells which cannot be read, so that a damaged file is known before hours of training.
   *
   * @param onProgress called with the number of images checked so far
   */
  async check(
    examples: readonly Example[],
    { onProgress, signal }: { onProgress?: (checked: number) => void; signal?: AbortSignal | undefined } = {},
  ): Promise<ImageFailure[]> {
    const chunk = 32;
    const failures: ImageFailure[] = [];
    let next = 0;
    let checked = 0;
    const lane = async (): Promise<void> => {
      while (next < examples.length) {
        signal?.throwIfAborted();
        const part = examples.slice(next, (next += chunk));
        const reply = await this.#pool.run<'check'>({ type: 'check', items: part.map(workItem) });
        failures.push(...reply.failures);
        checked += part.length;
        onProgress?.(checked);
      }
    };
    await Promise.all(Array.from({ length: this.#threads }, lane));
    return failures.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Stops the threads. Batches still being made are lost. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function workItem({ id, source }: Example, index: number): WorkItem {
  return { id, source, index };
}
