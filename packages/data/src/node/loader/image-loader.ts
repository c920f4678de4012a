import { availableParallelism } from 'node:os';
import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import { FixresDataError } from '../../errors.ts';
import type { Policy } from '../../policies/policy.ts';
import { sampledOrder, type Sampler } from '../../sampling/sampler.ts';
import { type DiskCacheOptions, setUpDiskCache } from '../cache/disk-cache.ts';
import { allocateImages, ImageSlots } from '../cache/image-cache.ts';
import type { Example } from '../dataset/dataset.ts';
import { type ImageLimits, imageLimits } from '../decode/image-limits.ts';
import { requireDecoding } from '../../contract/require-decoding.ts';
import { requireJpegTurbo } from '../decode/jpeg-turbo.ts';
import { type SharedExamples, shareExamples } from './example-table.ts';
import { WorkerPool } from './worker-pool.ts';
import type { PerceptualHash } from '../split/perceptual-hash.ts';
import type { ImageFailure, ImageLook } from './worker-protocol.ts';

/** A batch of model inputs. */
export interface Batch {
  /** images x height x width x 3 levels, 0..255, RGB. */
  pixels: Uint8Array<ArrayBuffer>;
  /** [images, height, width, 3] */
  shape: [number, number, number, 3];
  /** Class index of each image. */
  labels: Int32Array;
  /** Position of each image in the given list of examples. */
  indices: Uint32Array;
}

export interface BatchesOptions {
  policy: Policy;
  batchSize: number;
  /** Seed of shuffling and augmentation. Default 0. */
  seed?: number;
  /** Number of the epoch. Each epoch has its own order and views. Default 0. */
  epoch?: number;
  /**
   * Whether to shuffle examples (not batches). Default false. Short for the samplers `shuffled` and
   * `sequential`.
   */
  shuffle?: boolean;
  /** Which examples the pass visits and in which order. Replaces `shuffle`. */
  sampler?: Sampler;
  /** Number of examples to skip, to resume an interrupted pass. Default 0. */
  position?: number;
  signal?: AbortSignal | undefined;
}

export interface ImageLoaderOptions {
  /**
   * Threads that decode and resample. Default: one per core, at most 4, and at most one for every 16
   * images of the longest list so far: a thread takes as long to start as a photo of 12 megapixels, or some
   * 40 small ones, to decode.
   */
  threads?: number;
  /** Maximum number of batches made ahead of the consumer. Default: 2 per thread. */
  prefetch?: number;
  /**
   * Bytes of decoded images to keep in memory, shared by all threads: width x height x 3 per image.
   * Later passes then only resample. Images beyond the budget, and those of policies with
   * `shrinkOnLoad`, are decoded each time. Default 0: none are kept.
   */
  cacheBytes?: number;
  /**
   * Also keeps decoded images on disk, for later runs and for data sets that do not fit in memory:
   * at full size, or at the decoded size for policies with `shrinkOnLoad`. A file that has changed
   * is decoded again. Default: none.
   */
  diskCache?: DiskCacheOptions | undefined;
  /**
   * Maximum size of one image; larger ones are rejected. The limit on pixels also applies to all
   * images that are being decoded at the same time.
   */
  limits?: Partial<ImageLimits>;
  /**
   * How JPEG files are decoded. Default `accurate`. `tensorflow` needs the package `@julusian/jpeg-turbo`.
   */
  decode?: JpegDecoding | undefined;
}

/** What decoding every image once found. */
export interface Inspection {
  /** Images that cannot be decoded, sorted by id. */
  failures: ImageFailure[];
  /**
   * SHA-256 of each image's decoded pixels and size, in the examples' order; undefined for images
   * that cannot be decoded.
   */
  digests: (string | undefined)[];
  /** Perceptual hash of each image; undefined also for images without contrast. */
  hashes: (PerceptualHash | undefined)[];
}

export interface InspectOptions {
  /** Called with the number of images decoded so far. */
  onProgress?: (done: number) => void;
  signal?: AbortSignal | undefined;
}

/** Images for which another thread is worth its start. */
const IMAGES_PER_THREAD = 16;
const MOST_THREADS = 4;

/** Threads that a loader starts by default for a list of this length. */
export function loaderThreads(images: number): number {
  return Math.max(
    1,
    Math.min(availableParallelism(), MOST_THREADS, Math.ceil(images / IMAGES_PER_THREAD)),
  );
}

/** Reads, decodes and resamples images in worker threads. Close it when done. */
export class ImageLoader {
  readonly #pool: WorkerPool;
  readonly #threads: number;
  /** Whether short lists need fewer threads. */
  readonly #mayUseFewer: boolean;
  readonly #prefetch: number;
  readonly #slots: ImageSlots | undefined;
  readonly #spare = new SpareBuffers();
  readonly #shared = new WeakMap<readonly Example[], SharedExamples>();

  /**
   * @throws FixresDataError `bad-option` for an invalid cache size, limit or `decode`, `decoder-missing` if
   * `decode` is `tensorflow` and its decoder cannot be loaded
   */
  constructor(options: ImageLoaderOptions = {}) {
    const {
      threads = loaderThreads(Infinity),
      prefetch = 2 * threads,
      cacheBytes = 0,
      diskCache,
      decode = 'accurate',
    } = options;
    requireDecoding(decode);
    if (decode === 'tensorflow') requireJpegTurbo();
    if (!(Number.isInteger(cacheBytes) && cacheBytes >= 0)) {
      throw new FixresDataError(
        'bad-option',
        `Option "cacheBytes" is ${cacheBytes}; it must be a whole number of bytes, 0 for none.`,
      );
    }
    const limits = imageLimits(options.limits);
    this.#threads = threads;
    this.#mayUseFewer = options.threads === undefined;
    this.#prefetch = prefetch;
    this.#slots = cacheBytes > 0 ? new ImageSlots() : undefined;
    this.#pool = new WorkerPool({
      limits,
      decode,
      images: cacheBytes > 0 ? allocateImages(cacheBytes) : undefined,
      diskCache: diskCache && setUpDiskCache(diskCache),
      pixelsInFlight: new SharedArrayBuffer(4),
      bytesInFlight: new SharedArrayBuffer(4),
    });
  }

  /**
   * One pass over the examples. The order and every view depend only on (seed, epoch). The last
   * batch may be smaller. A list is copied to the threads when it is first used; it must not change
   * afterwards.
   *
   * @throws FixresDataError `corrupt-image` naming the image; `bad-option` for an invalid batch
   * size, or a sampler or position that does not fit; the signal's reason when aborted
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
          // Reports a failure when its batch is due, not as an unhandled rejection before.
          batch.catch(() => undefined);
          ahead.push(batch);
        }
        const batch = await ahead.shift()!;
        signal?.throwIfAborted();
        yield batch;
      }
    } finally {
      // The consumer may stop early. Unfinished batches and their failures are dropped.
      await Promise.allSettled(ahead);
    }
  }

  /**
   * Decodes every image once. Reports images that cannot be read, so that a damaged file is found
   * before hours of training, and returns digests of the pixels, so that duplicates can be found.
   * Images that the loader keeps are not decoded again in the first pass.
   */
  async inspect(
    examples: readonly Example[],
    { onProgress, signal }: InspectOptions = {},
  ): Promise<Inspection> {
    const chunk = 32;
    const shared = this.#share(examples);
    const failures: ImageFailure[] = [];
    const looks = new Array<ImageLook | undefined>(examples.length);
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < examples.length) {
        signal?.throwIfAborted();
        const from = next;
        const to = (next = Math.min(from + chunk, examples.length));
        const reply = await this.#pool.run<'check'>({ type: 'check', examples: shared, from, to });
        failures.push(...reply.failures);
        for (const [i, look] of reply.looks.entries()) looks[from + i] = look;
        done += to - from;
        onProgress?.(done);
      }
    };
    await Promise.all(Array.from({ length: this.#threads }, lane));
    return {
      failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)),
      digests: looks.map((look) => look?.digest),
      hashes: looks.map((look) => look?.hash),
    };
  }

  /** The images that cannot be decoded, sorted by id: {@link inspect} without the digests. */
  async check(examples: readonly Example[], options: InspectOptions = {}): Promise<ImageFailure[]> {
    return (await this.inspect(examples, options)).failures;
  }

  /**
   * Returns a batch's memory for later batches; its pixels must not be used afterwards. Useful in a
   * training loop as soon as the batch is on the device, because it leaves no work for the garbage
   * collector.
   */
  recycle({ pixels }: { pixels: Uint8Array }): void {
    const { buffer } = pixels;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === pixels.byteLength)
      this.#spare.give(buffer);
  }

  /** Starts the threads that a list needs, and copies the list for them when it is first used. */
  #share(examples: readonly Example[]): SharedExamples {
    this.#pool.grow(this.#mayUseFewer ? loaderThreads(examples.length) : this.#threads);
    const known = this.#shared.get(examples);
    if (known) return known;
    const shared = shareExamples(examples, (source) => this.#slots?.slotOf(source));
    this.#shared.set(examples, shared);
    return shared;
  }

  /**
   * Frees the memory. Unfinished batches are lost. Idle threads, at most four in a process, wait ten seconds
   * for the next loader; they do not keep the process alive.
   */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Maximum number of spare buffers. More than can be in flight would only waste memory. */
const MOST_SPARE = 64;

/**
 * Memory of batches that consumers returned. Reusing it saves the allocation of new pages, and the
 * main thread's garbage collector does not have to free megabytes per batch.
 */
class SpareBuffers {
  readonly #spare: ArrayBuffer[] = [];

  /** A buffer of exactly this many bytes, if there is one. */
  take(byteLength: number): ArrayBuffer | undefined {
    const at = this.#spare.findIndex((buffer) => buffer.byteLength === byteLength);
    return at === -1 ? undefined : this.#spare.splice(at, 1)[0];
  }

  give(buffer: ArrayBuffer): void {
    // A transferred buffer is empty.
    if (buffer.byteLength === 0) return;
    // The oldest may have a size that is no longer needed.
    if (this.#spare.length >= MOST_SPARE) this.#spare.shift();
    this.#spare.push(buffer);
  }
}
