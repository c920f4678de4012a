import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { ByteSource } from '../files/byte-source.ts';

/** Memory that all threads of a loader share. Only touched pages count as used, so a generous budget costs nothing by itself. */
export interface SharedImages {
  pixels: SharedArrayBuffer;
  /** First the number of units handed out, then {@link FIELDS} numbers for each slot. */
  table: SharedArrayBuffer;
}

/** Images begin at multiples of this many bytes, so that 32-bit counters reach any budget. */
const UNIT = 64;
/** Images that can be kept. */
const SLOTS = 1 << 20;
/** State, first unit, width and height. */
const FIELDS = 4;
const EMPTY = 0;
const TAKEN = 1;
const READY = 2;

/** Shared memory for up to `budget` bytes of decoded images. */
export function allocateImages(budget: number): SharedImages {
  return {
    pixels: new SharedArrayBuffer(budget),
    table: new SharedArrayBuffer((1 + SLOTS * FIELDS) * 4),
  };
}

/** Numbers sources, so that the same image has the same slot in every pass. Lives in the thread that hands out work. */
export class ImageSlots {
  readonly #slots = new Map<string, number>();

  /** The slot of a source; undefined when all are taken. */
  slotOf({ file, start }: ByteSource): number | undefined {
    const key = `${start} ${file}`;
    const known = this.#slots.get(key);
    if (known !== undefined || this.#slots.size >= SLOTS) return known;
    this.#slots.set(key, this.#slots.size);
    return this.#slots.size - 1;
  }
}

/**
 * Decoded images in shared memory. What was put in once is there for all threads; when the budget is used up, nothing more is
 * taken and nothing is thrown out: passes visit every image equally often, so dropping the oldest would help none.
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

  /** Keeps a copy, if there is room for it and no other thread was first. */
  put(slot: number, { width, height, data }: RgbImage): void {
    const table = this.#table;
    const at = 1 + slot * FIELDS;
    if (Atomics.compareExchange(table, at, EMPTY, TAKEN) !== EMPTY) return;
    const units = Math.ceil(data.length / UNIT);
    const capacity = Math.floor(this.#pixels.byteLength / UNIT);
    let unit = Atomics.load(table, 0);
    for (;;) {
      // A smaller image may still fit later; this one stays marked as taken and is decoded each time.
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
