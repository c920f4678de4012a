import type { View } from '../geometry/view.ts';
import type { RgbImage } from './rgb-image.ts';
import { scratchNumbers } from './scratch.ts';
import { wholePixels } from './whole-pixels.ts';

/**
 * Draws a view of an image with bilinear interpolation and no antialiasing, as `tf.image.resize` does (pixel centres at half
 * coordinates, borders repeated), rounded to whole levels.
 *
 * @param view its window must lie inside `resized`
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

  // The two source rows that are mixed, each already resized along its length; enlarging uses the same pair several times.
  const length = window.width * 3;
  const numbers = scratchNumbers(2 * length);
  let upper = numbers.subarray(0, length);
  let lower = numbers.subarray(length, 2 * length);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < window.height; y++) {
    const top = rows.low[y]!;
    const bottom = rows.high[y]!;
    if (top !== upperRow && top === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (top !== upperRow) {
      mixColumns(image, top, columns, upper);
      upperRow = top;
    }
    if (bottom !== lowerRow) {
      mixColumns(image, bottom, columns, lower);
      lowerRow = bottom;
    }
    mixRows(upper, lower, rows.fraction[y]!, out, y * length);
  }
}

function mixColumns({ data, width }: RgbImage, row: number, { low, high, fraction }: Taps, out: Float64Array): void {
  const start = row * width * 3;
  for (let x = 0, o = 0; x < low.length; x++, o += 3) {
    const left = start + low[x]! * 3;
    const right = start + high[x]! * 3;
    const part = fraction[x]!;
    const red = data[left]!;
    const green = data[left + 1]!;
    const blue = data[left + 2]!;
    out[o] = red + (data[right]! - red) * part;
    out[o + 1] = green + (data[right + 1]! - green) * part;
    out[o + 2] = blue + (data[right + 2]! - blue) * part;
  }
}

function mixRows(upper: Float64Array, lower: Float64Array, part: number, out: Uint8Array, start: number): void {
  for (let i = 0; i < upper.length; i++) {
    const level = upper[i]!;
    out[start + i] = level + (lower[i]! - level) * part + 0.5;
  }
}

interface Taps {
  low: Int32Array;
  high: Int32Array;
  fraction: Float64Array;
}

/** For each output position on one axis: the two source positions to mix, and the part of the second. */
function taps(start: number, length: number, resizedLength: number, offset: number, count: number): Taps {
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const fraction = new Float64Array(count);
  const scale = length / resizedLength;
  // A decoder that scales down leaves regions that begin and end within a pixel.
  const [first, end] = wholePixels(start, length);
  const last = end - 1;
  for (let i = 0; i < count; i++) {
    const position = start + (i + offset + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    low[i] = Math.min(Math.max(floor, first), last);
    high[i] = Math.min(Math.max(floor + 1, first), last);
    fraction[i] = position - floor;
  }
  return { low, high, fraction };
}
