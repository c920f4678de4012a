import type { View } from '../../geometry/view.ts';
import type { RgbImage } from '../rgb-image.ts';
import { type KernelSpace, kernelSpace } from '../simd-kernels.ts';
import { wholePixels } from '../whole-pixels.ts';

/**
 * Draws a view of an image with bilinear interpolation and no antialiasing, like `tf.image.resize`
 * (pixel centres at half coordinates, borders repeated), in single precision, rounded to whole
 * levels.
 *
 * @param view its window must be inside `resized`
 * @param out receives window.height x window.width x 3 levels, row by row
 */
export function resampleBilinear(image: RgbImage, view: View, out: Uint8Array): void {
  const { region, resized, window, flip } = view;
  const columns = taps(region.x, region.width, resized.width, window.x, window.width);
  const rows = taps(region.y, region.height, resized.height, window.y, window.height);
  if (flip) {
    columns.low.reverse();
    columns.high.reverse();
    columns.fraction.reverse();
  }
  const space = kernelSpace();
  if (!space || !bilinearBySimd(space, image, columns, rows, out))
    bilinearByLoops(image, columns, rows, out);
}

/**
 * For each output position on one axis: the two source positions to blend, and the weight of the
 * second.
 */
interface Taps {
  low: Int32Array;
  high: Int32Array;
  fraction: Float32Array;
}

function taps(
  start: number,
  length: number,
  resizedLength: number,
  offset: number,
  count: number,
): Taps {
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const fraction = new Float32Array(count);
  const scale = length / resizedLength;
  const [first, end] = wholePixels(start, length);
  for (let i = 0; i < count; i++) {
    const position = start + (i + offset + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    low[i] = Math.min(Math.max(floor, first), end - 1);
    high[i] = Math.min(Math.max(floor + 1, first), end - 1);
    fraction[i] = position - floor;
  }
  return { low, high, fraction };
}

/**
 * Two source rows, already resized along their length. Upscaling blends the same pair several
 * times.
 */
class RowPair<Row> {
  upper: Row;
  lower: Row;
  #upperRow = -1;
  #lowerRow = -1;
  readonly #fill: (row: number, into: Row) => void;

  constructor(upper: Row, lower: Row, fill: (row: number, into: Row) => void) {
    this.upper = upper;
    this.lower = lower;
    this.#fill = fill;
  }

  show(top: number, bottom: number): void {
    if (top !== this.#upperRow && top === this.#lowerRow) {
      [this.upper, this.lower] = [this.lower, this.upper];
      [this.#upperRow, this.#lowerRow] = [this.#lowerRow, this.#upperRow];
    }
    if (top !== this.#upperRow) this.#fill((this.#upperRow = top), this.upper);
    if (bottom !== this.#lowerRow) this.#fill((this.#lowerRow = bottom), this.lower);
  }
}

/** Returns false if the picture is too large for the kernels' memory. */
function bilinearBySimd(
  space: KernelSpace,
  image: RgbImage,
  columns: Taps,
  rows: Taps,
  out: Uint8Array,
): boolean {
  const { kernels } = space;
  const count = columns.low.length;
  const stride = image.width * 3;
  const top = rows.low[0]!;
  const source = image.data.subarray(top * stride, (rows.high.at(-1)! + 1) * stride);
  const addresses = space.layOut([
    source.length,
    count * 4,
    count * 4,
    count * 12,
    count * 12,
    out.length,
  ]);
  if (!addresses) return false;
  const [from, low, fraction, upper, lower, target] = addresses;
  space.bytes(from, source.length).set(source);
  space.writeInts(
    low,
    columns.low.map((column) => column * 3),
  );
  // The kernel blends neighbours; at the borders both are the same pixel.
  space.writeFloats(
    fraction,
    columns.fraction.map((part, i) => (columns.high[i] === columns.low[i] ? 0 : part)),
  );
  const pair = new RowPair(upper, lower, (row, into) => {
    kernels.mixColumns(from + (row - top) * stride, low, fraction, into, count);
  });
  for (let y = 0; y < rows.low.length; y++) {
    pair.show(rows.low[y]!, rows.high[y]!);
    kernels.mixRows(pair.upper, pair.lower, rows.fraction[y]!, target + y * count * 3, count * 3);
  }
  out.set(space.bytes(target, out.length));
  return true;
}

/** Computes the same levels without SIMD. */
function bilinearByLoops(image: RgbImage, columns: Taps, rows: Taps, out: Uint8Array): void {
  const length = columns.low.length * 3;
  const pair = new RowPair(new Float32Array(length), new Float32Array(length), (row, into) =>
    mixColumns(image, row, columns, into),
  );
  for (let y = 0; y < rows.low.length; y++) {
    pair.show(rows.low[y]!, rows.high[y]!);
    mixRows(pair.upper, pair.lower, rows.fraction[y]!, out, y * length);
  }
}

function mixColumns(
  { data, width }: RgbImage,
  row: number,
  { low, high, fraction }: Taps,
  out: Float32Array,
): void {
  const start = row * width * 3;
  for (let x = 0, o = 0; x < low.length; x++) {
    const left = start + low[x]! * 3;
    const right = start + high[x]! * 3;
    const part = fraction[x]!;
    for (let channel = 0; channel < 3; channel++) {
      const level = data[left + channel]!;
      out[o++] = level + Math.fround((data[right + channel]! - level) * part);
    }
  }
}

function mixRows(
  upper: Float32Array,
  lower: Float32Array,
  part: number,
  out: Uint8Array,
  start: number,
): void {
  for (let i = 0; i < upper.length; i++) {
    const level = upper[i]!;
    const mixed = Math.fround(level + Math.fround(Math.fround(lower[i]! - level) * part));
    out[start + i] = Math.fround(mixed + 0.5);
  }
}
