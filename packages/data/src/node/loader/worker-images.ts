import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import type { Size } from '../../geometry/view.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { Drawing } from '../../policies/policy.ts';
import type { ByteSource } from '../files/byte-source.ts';
import { DiskCache } from '../cache/disk-cache.ts';
import { ImageCache } from '../cache/image-cache.ts';
import { decodeImage } from '../decode/decode-image.ts';
import { decodeShrunk } from '../decode/decode-shrunk.ts';
import { drawWithSharp } from '../decode/draw-with-sharp.ts';
import { imageHeaderOf } from '../decode/image-header.ts';
import type { ImageLimits } from '../decode/image-limits.ts';
import { decodeQuickly, drawQuickly } from '../decode/quick-jpeg.ts';
import { decodeAtOnce } from '../decode/tensorflow-jpeg.ts';
import type { TableItem } from './example-table.ts';
import { SharedBudget } from './shared-budget.ts';
import { SourceReader } from './source-reader.ts';
import type { WorkerSetup } from './worker-protocol.ts';

/**
 * Images with more pixels are freed at once: decoding one takes far longer than collecting garbage.
 */
const LARGE = 2 ** 24;

/** The images of a worker: reads, decodes, caches if wanted, and draws them. */
export class WorkerImages {
  readonly #limits: ImageLimits;
  readonly #decode: JpegDecoding;
  readonly #reader: SourceReader;
  readonly #memory: ImageCache | undefined;
  readonly #disk: DiskCache | undefined;
  /**
   * Shared by all threads: together they decode at most the pixels of one image of the maximum
   * size.
   */
  readonly #pixels: SharedBudget;
  readonly #bytes: SharedBudget;

  constructor(setup: WorkerSetup) {
    const { limits, decode, images, diskCache, pixelsInFlight, bytesInFlight } = setup;
    this.#limits = limits;
    this.#decode = decode;
    this.#reader = new SourceReader(limits);
    this.#memory = images && new ImageCache(images);
    this.#disk = diskCache && new DiskCache(diskCache);
    this.#pixels = new SharedBudget(pixelsInFlight, limits.maxPixels);
    this.#bytes = new SharedBudget(bytesInFlight, limits.maxBytes);
  }

  /**
   * Calls `use` with a fully decoded image and returns the result. `use` must read the image before it
   * waits for anything: its memory is used again.
   */
  async with<T>(item: TableItem, use: (image: RgbImage) => Promise<T>): Promise<T> {
    const kept = this.#kept(item);
    return kept ? use(kept) : this.#withBytes(item, (bytes) => this.#decodeFor(item, bytes, use));
  }

  /**
   * Draws an image into `out`.
   *
   * @param shrinkOnLoad whether the decoder may scale down
   */
  async draw(
    item: TableItem,
    draw: (size: Size) => Drawing,
    shrinkOnLoad: boolean,
    out: Uint8Array,
  ): Promise<void> {
    const kept = shrinkOnLoad ? undefined : this.#kept(item);
    if (kept) {
      await drawWithSharp(kept, draw(kept), out);
      return;
    }
    await this.#withBytes(item, async (bytes) => {
      if (shrinkOnLoad) await this.#drawShrunk(item, bytes, draw, out);
      // An image to be cached must be decoded in full.
      else if (
        this.#decode !== 'accurate' ||
        this.#isWanted(item) ||
        !drawQuickly(bytes, draw, this.#limits, out)
      ) {
        await this.#decodeFor(item, bytes, (image) => drawWithSharp(image, draw(image), out));
      }
    });
  }

  /**
   * Closes the files. The object must not be used afterwards; call {@link collectGarbage} when nothing refers to it,
   * because the memory of the cache belongs to the garbage collector.
   */
  close(): void {
    this.#reader.close();
  }

  #kept({ source, slot }: TableItem): RgbImage | undefined {
    const inMemory = slot === undefined ? undefined : this.#memory?.get(slot);
    if (inMemory || !this.#disk) return inMemory;
    const key = this.#keyOf(source, 1);
    const onDisk = key === undefined ? undefined : this.#disk.get(key, this.#limits.maxPixels);
    if (onDisk && slot !== undefined) this.#memory?.put(slot, onDisk);
    return onDisk;
  }

  #isWanted({ slot }: TableItem): boolean {
    return this.#disk !== undefined || (slot !== undefined && this.#memory?.wants(slot) === true);
  }

  async #withBytes<T>({ source }: TableItem, use: (bytes: Uint8Array) => Promise<T>): Promise<T> {
    return this.#bytes.hold(source.inflatedLength, async () =>
      use(await this.#reader.read(source)),
    );
  }

  async #decodeFor<T>(
    item: TableItem,
    bytes: Uint8Array,
    use: (image: RgbImage) => Promise<T>,
  ): Promise<T> {
    const keep = (image: RgbImage): RgbImage => {
      if (item.slot !== undefined) this.#memory?.put(item.slot, image);
      return this.#keepOnDisk(item, 1, image);
    };
    const { maxPixels } = this.#limits;
    const image =
      this.#decode === 'tensorflow'
        ? decodeAtOnce(bytes, maxPixels)
        : decodeQuickly(bytes, this.#limits);
    if (image) return use(keep(image));
    return this.#withPixels(item, bytes, async () =>
      use(keep(await decodeImage(bytes, item.id, { maxPixels, decode: this.#decode }))),
    );
  }

  async #drawShrunk(
    item: TableItem,
    bytes: Uint8Array,
    draw: (size: Size) => Drawing,
    out: Uint8Array,
  ): Promise<void> {
    const decodeBy = async (factor: number, decode: () => Promise<RgbImage>): Promise<RgbImage> => {
      const key = this.#keyOf(item.source, factor);
      const kept = key === undefined ? undefined : this.#disk?.get(key, this.#limits.maxPixels);
      if (kept) return kept;
      const quick =
        factor === 1 && this.#decode === 'accurate'
          ? decodeQuickly(bytes, this.#limits)
          : undefined;
      return this.#keepOnDisk(item, factor, quick ?? (await decode()));
    };
    await this.#withPixels(item, bytes, async () => {
      const { image, drawing } = await decodeShrunk(bytes, item.id, draw, {
        maxPixels: this.#limits.maxPixels,
        decode: this.#decode,
        decodeBy,
      });
      await drawWithSharp(image, drawing, out);
    });
  }

  /**
   * Runs `work` when the image's pixels fit the shared budget. An image whose header has no size
   * runs alone.
   */
  async #withPixels<T>({ id }: TableItem, bytes: Uint8Array, work: () => Promise<T>): Promise<T> {
    const pixels = await imageHeaderOf(bytes, id).then(
      ({ width, height }) => width * height,
      () => Infinity,
    );
    return this.#pixels.hold(pixels, async () => {
      const result = await work();
      if (pixels > LARGE) await collectGarbage();
      return result;
    });
  }

  #keyOf(source: ByteSource, factor: number): string | undefined {
    return this.#disk?.keyOf(source, { decode: this.#decode, factor });
  }

  #keepOnDisk({ source }: TableItem, factor: number, image: RgbImage): RgbImage {
    const key = this.#keyOf(source, factor);
    if (key !== undefined) this.#disk?.put(key, image);
    return image;
  }
}

let collect: (() => void) | undefined;

/**
 * Frees the unused images of this thread. A thread's collector does not notice that a few large
 * images of several threads fill the machine's memory, so each thread would keep its last one.
 */
export async function collectGarbage(): Promise<void> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  // libvips frees its memory in the next turn of the event loop.
  await setImmediate();
}
