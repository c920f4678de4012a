import { availableParallelism } from 'node:os';
import type { Policy } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { shuffledIndices } from '../shuffle.ts';
import type { Example } from './dataset.ts';
import { type ImageLimits, imageLimits } from './image-limits.ts';
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
  /** How large one image may be; larger ones are refused. */
  limits?: Partial<ImageLimits>;
}

/** What decoding every image once told. */
export interface Inspection {
  /** Images that cannot be decoded, sorted by id. */
  failures: ImageFailure[];
  /** SHA-256 of each image's decoded pixels and size, in the examples' order; undefined for those that cannot be decoded. */
  digests: (string | undefined)[];
}

export interface InspectOptions {
  /** Called with the number of images decoded so far. */
  onProgress?: (done: number) => void;
  signal?: AbortSignal | undefined;
}

/** Reads, decodes and resamples images in worker threads. Close it when done. */
export class ImageLoader {
  readonly #pool: WorkerPool;
  readonly #threads: number;
  readonly #prefetch: number;

  constructor({ threads = Math.min(availableParallelism(), 4), prefetch = 2 * threads, limits }: ImageLoaderOptions = {}) {
    this.#threads = threads;
    this.#prefetch = prefetch;
    this.#pool = new WorkerPool(threads, imageLimits(limits));
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
   * Decodes every image once: tells which cannot be read, so that a damaged file is known before hours of training, and gives
   * digests of the pixels, so that duplicates can be found.
   */
  async inspect(examples: readonly Example[], { onProgress, signal }: InspectOptions = {}): Promise<Inspection> {
    const chunk = 32;
    const failures: ImageFailure[] = [];
    const digests = new Array<string | undefined>(examples.length);
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < examples.length) {
        signal?.throwIfAborted();
        const from = next;
        const part = examples.slice(from, (next += chunk));
        const reply = await this.#pool.run<'check'>({ type: 'check', items: part.map(workItem) });
        failures.push(...reply.failures);
        for (const [i, digest] of reply.digests.entries()) digests[from + i] = digest;
        done += part.length;
        onProgress?.(done);
      }
    };
    await Promise.all(Array.from({ length: this.#threads }, lane));
    return { failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)), digests };
  }

  /** The images that cannot be decoded, sorted by id: {@link inspect} without the digests. */
  async check(examples: readonly Example[], options: InspectOptions = {}): Promise<ImageFailure[]> {
    return (await this.inspect(examples, options)).failures;
  }

  /** Stops the threads. Batches still being made are lost. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function workItem({ id, source }: Example, index: number): WorkItem {
  return { id, source, index };
}
