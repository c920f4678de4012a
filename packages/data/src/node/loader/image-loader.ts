import { availableParallelism } from 'node:os';
import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import { FixresDataError } from '../../errors.ts';
import type { Policy } from '../../policies/policy.ts';
import { sampledOrder, type Sampler } from '../../sampling/sampler.ts';
import { type DiskCacheOptions, setUpDiskCache } from '../cache/disk-cache.ts';
import { allocateImages, ImageSlots } from '../cache/image-cache.ts';
import type { Example } from '../dataset/dataset.ts';
import { type ImageLimits, imageLimits } from '../decode/image-limits.ts';
import { requireJpegTurbo } from '../decode/jpeg-turbo.ts';
import { type SharedExamples, shareExamples } from './example-table.ts';
import { WorkerPool } from './worker-pool.ts';
import type { ImageFailure } from './worker-protocol.ts';

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
  /** Whether examples (not batches) are shuffled. Default false. Short for the samplers `shuffled` and `sequential`. */
  shuffle?: boolean;
  /** Which examples the pass visits, in which order; instead of `shuffle`. */
  sampler?: Sampler;
  /** Examples of the pass to leave out because they are done, to go on with a pass that was broken off. Default 0. */
  position?: number;
  signal?: AbortSignal | undefined;
}

export interface ImageLoaderOptions {
  /** Threads that decode and resample. Default: one for each core, at most 4. */
  threads?: number;
  /** Batches made ahead of the consumer, who is never overrun: no more than this many wait. Default: 2 for each thread. */
  prefetch?: number;
  /**
   * Bytes of decoded images to keep in memory, shared by all threads; width x height x 3 for each image. Later passes then only
   * draw. Images beyond the budget, and those of policies with `shrinkOnLoad`, are decoded each time. Default 0: none are kept.
   */
  cacheBytes?: number;
  /**
   * Keeps decoded images on disk as well, for later runs and for more than fits memory: in full, and for policies with `shrinkOnLoad`
   * at the sizes that they are decoded at. A file that has changed since is decoded anew. Default: none.
   */
  diskCache?: DiskCacheOptions | undefined;
  /** How large one image may be; larger ones are refused. All images that are decoded at a time have no more pixels than one may have. */
  limits?: Partial<ImageLimits>;
  /**
   * How JPEG files are decoded. Default `accurate`. `tensorflow` needs the package `@julusian/jpeg-turbo`.
   */
  decode?: JpegDecoding | undefined;
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
  readonly #slots: ImageSlots | undefined;
  readonly #spare = new SpareBuffers();
  readonly #shared = new WeakMap<readonly Example[], SharedExamples>();

  /**
   * @throws FixresDataError `bad-option` for a cache or limits of a size that cannot be;
   * `decoder-missing` if `decode` is `tensorflow` and its decoder cannot be loaded
   */
  constructor(options: ImageLoaderOptions = {}) {
    const {
      threads = Math.min(availableParallelism(), 4),
      prefetch = 2 * threads,
      cacheBytes = 0,
      diskCache,
      decode = 'accurate',
    } = options;
    if (decode === 'tensorflow') requireJpegTurbo();
    if (!(Number.isInteger(cacheBytes) && cacheBytes >= 0)) {
      throw new FixresDataError(
        'bad-option',
        `Option "cacheBytes" is ${cacheBytes}; it must be a whole number of bytes, 0 for none.`,
      );
    }
    const limits = imageLimits(options.limits);
    this.#threads = threads;
    this.#prefetch = prefetch;
    this.#slots = cacheBytes > 0 ? new ImageSlots() : undefined;
    this.#pool = new WorkerPool(threads, {
      limits,
      decode,
      images: cacheBytes > 0 ? allocateImages(cacheBytes) : undefined,
      diskCache: diskCache && setUpDiskCache(diskCache),
      pixelsInFlight: new SharedArrayBuffer(4),
      bytesInFlight: new SharedArrayBuffer(4),
    });
  }

  /**
   * One pass over the examples. The order and every view follow from (seed, epoch) alone. The last batch may be smaller. A list is
   * handed to the threads when it is first used; it must not change afterwards.
   *
   * @throws FixresDataError `corrupt-image` naming the image, `bad-option` for a batch size that cannot be, or a sampler or position that
   * does not fit; the signal's reason when aborted
   */
  async *batches(
    examples: readonly Example[],
    options: BatchesOptions,
  ): AsyncGenerator<Batch, void, undefined> {
    const {
      policy,
      batchSize,
      seed = 0,
      epoch = 0,
      shuffle = false,
      position = 0,
      signal,
    } = options;
    const { sampler = { kind: shuffle ? 'shuffled' : 'sequential' } } = options;
    if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
      throw new FixresDataError(
        'bad-option',
        `Option "batchSize" is ${batchSize}; it must be a whole number of at least 1.`,
      );
    }
    const order = sampledOrder(sampler, examples.length, { seed, epoch, position });
    const { width, height } = policy.output;
    const shared = this.#share(examples);

    const start = async (from: number): Promise<Batch> => {
      const indices = order.indices.slice(from, from + batchSize);
      const copies = order.copies.slice(from, from + batchSize);
      const into = this.#spare.take(indices.length * height * width * 3);
      const { pixels } = await this.#pool.run<'batch'>(
        { type: 'batch', policy, seed, epoch, examples: shared, indices, copies, into },
        into ? [into] : [],
      );
      const labels = Int32Array.from(indices, (index) => examples[index]!.label);
      return { pixels, shape: [indices.length, height, width, 3], labels, indices };
    };

    const ahead: Promise<Batch>[] = [];
    let next = 0;
    try {
      while (next < order.indices.length || ahead.length > 0) {
        for (; next < order.indices.length && ahead.length < this.#prefetch; next += batchSize) {
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
   * digests of the pixels, so that duplicates can be found. Images that the loader keeps need no decoding in the first pass then.
   */
  async inspect(
    examples: readonly Example[],
    { onProgress, signal }: InspectOptions = {},
  ): Promise<Inspection> {
    const chunk = 32;
    const shared = this.#share(examples);
    const failures: ImageFailure[] = [];
    const digests = new Array<string | undefined>(examples.length);
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < examples.length) {
        signal?.throwIfAborted();
        const from = next;
        const to = (next = Math.min(from + chunk, examples.length));
        const reply = await this.#pool.run<'check'>({ type: 'check', examples: shared, from, to });
        failures.push(...reply.failures);
        for (const [i, digest] of reply.digests.entries()) digests[from + i] = digest;
        done += to - from;
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

  /**
   * Takes a batch's memory back for later batches; its pixels must not be used afterwards. Worth it in a training loop, as soon as
   * the batch is on the device: nothing is left for the garbage collector then.
   */
  recycle({ pixels }: { pixels: Uint8Array }): void {
    const { buffer } = pixels;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === pixels.byteLength)
      this.#spare.give(buffer);
  }

  /** Writes a list for the threads when it is first used. */
  #share(examples: readonly Example[]): SharedExamples {
    const known = this.#shared.get(examples);
    if (known) return known;
    const shared = shareExamples(examples, (source) => this.#slots?.slotOf(source));
    this.#shared.set(examples, shared);
    return shared;
  }

  /** Stops the threads. Batches still being made are lost. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Spare buffers that are kept; more than are ever under way would only take memory. */
const MOST_SPARE = 64;

/**
 * Batches' memory that consumers gave back. Using it again spares the collector of the main thread, which has to free megabytes
 * for each batch otherwise, and the pages of new memory.
 */
class SpareBuffers {
  readonly #spare: ArrayBuffer[] = [];

  /** A buffer of exactly this many bytes, if one is there. */
  take(byteLength: number): ArrayBuffer | undefined {
    const at = this.#spare.findIndex((buffer) => buffer.byteLength === byteLength);
    return at === -1 ? undefined : this.#spare.splice(at, 1)[0];
  }

  give(buffer: ArrayBuffer): void {
    // One that was moved elsewhere is empty.
    if (buffer.byteLength === 0) return;
    // The oldest may be of a size that is asked for no more.
    if (this.#spare.length >= MOST_SPARE) this.#spare.shift();
    this.#spare.push(buffer);
  }
}
