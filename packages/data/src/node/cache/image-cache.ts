import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { ByteSource } from '../files/byte-source.ts';

/**
 * Memory shared by all threads of a loader. The system only counts pages that were touched, so a
 * generous budget alone costs nothing.
 */
export interface SharedImages {
  pixels: SharedArrayBuffer;
  /** First the number of allocated units, then {@link FIELDS} numbers per slot. */
  table: SharedArrayBuffer;
}

/** Images start at multiples of this many bytes, so that 32-bit counters can address any budget. */
const UNIT = 64;
/** Maximum number of images. */
const SLOTS = 1 << 20;
/** State, first unit, width and height. */
const FIELDS = 4;
const EMPTY = 0;
const TAKEN = 1;
const READY = 2;

/** Shared memory for up to `budget` bytes of decoded images. */
export function allocateImages(budget: number): SharedImages {
  return {
    // A buffer that could grow is always a mapping of its own. V8 takes others from `calloc`, which
    // touches all of it if it is memory that the allocator keeps.
    pixels: new SharedArrayBuffer(budget, { maxByteLength: budget }),
    table: new SharedArrayBuffer((1 + SLOTS * FIELDS) * 4),
  };
}

/**
 * Numbers the sources, so that an image has the same slot in every pass. Used by the thread that
 * distributes the work.
 */
export class ImageSlots {
  readonly #slots = new Map<string, number>();

  /** The slot of a source; undefined if no slot is left. */
  slotOf({ file, start }: ByteSource): number | undefined {
    const key = `${start} ${file}`;
    const known = this.#slots.get(key);
    if (known !== undefined || this.#slots.size >= SLOTS) return known;
    this.#slots.set(key, this.#slots.size);
    return this.#slots.size - 1;
  }
}

/**
 * Decoded images in shared memory. A stored image is available to all threads. When the budget is
 * used up, no more images are stored and none are removed: every pass visits each image equally
 * often, so evicting the oldest would not help.
 */
export class ImageCache {
  readonly #pixels: SharedArrayBuffer;
  readonly #table: Int32Array;

  constructor({ pixels, table }: SharedImages) {
    this.#pixels = pixels;
    this.#table = new Int32Array(table);
  }

  get(slot: number): RgbImage | undefined {
    const at = 1 + slot * FIELDS;
    if (Atomics.load(this.#table, at) !== READY) return undefined;
    const [, unit, width, height] = this.#table.subarray(at, at + FIELDS) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { width, height, data: new Uint8Array(this.#pixels, unit * UNIT, width * height * 3) };
  }

  /**
   * Whether the slot is still empty. An image that did not fit, or that another thread is storing,
   * is not wanted.
   */
  wants(slot: number): boolean {
    return Atomics.load(this.#table, 1 + slot * FIELDS) === EMPTY;
  }

  /** Stores a copy if it fits and no other thread was first. */
  put(slot: number, { width, height, data }: RgbImage): void {
    const table = this.#table;
    const at = 1 + slot * FIELDS;
    if (Atomics.compareExchange(table, at, EMPTY, TAKEN) !== EMPTY) return;
    const units = Math.ceil(data.length / UNIT);
    const capacity = Math.floor(this.#pixels.byteLength / UNIT);
    let unit = Atomics.load(table, 0);
    for (;;) {
      // A smaller image may still fit later. This one stays marked as taken and is decoded each
      // time.
      if (unit + units > capacity) return;
      const seen = Atomics.compareExchange(table, 0, unit, unit + units);
      if (seen === unit) break;
      unit = seen;
    }
    new Uint8Array(this.#pixels, unit * UNIT, data.length).set(data);
    table[at + 1] = unit;
    table[at + 2] = width;
    table[at + 3] = height;
    Atomics.store(table, at, READY);
  }
}
