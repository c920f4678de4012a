import type { View } from '../geometry/view.ts';

/** An RGB image: `data` holds height x width x 3 values of 0..255, row by row. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/**
 * Draws a view of an image with bilinear interpolation and no antialiasing, as `tf.image.resize` does (pixel centres at half
 * coordinates, borders repeated), rounded to whole levels.
 *
 * @param out receives window.height x window.width x 3 levels, row by row
 */
export function resampleBilinear(image: RgbImage, view: View, out: Uint8Array): void {
  const { region, resized, window, flip } = view;
  const columns = taps(region.x, region.width, resized.width, window.x, window.width);
  const rows = taps(region.y, region.height, resized.height, window.y, window.height);
  const { data } = image;
  const stride = image.width * 3;

  let o = 0;
  for (let i = 0; i < window.height; i++) {
    const top = rows.low[i]! * stride;
    const bottom = rows.high[i]! * stride;
    const fy = rows.fraction[i]!;
    for (let j = 0; j < window.width; j++) {
      const column = flip ? window.width - 1 - j : j;
      const left = columns.low[column]! * 3;
      const right = columns.high[column]! * 3;
      const fx = columns.fraction[column]!;
      for (let channel = 0; channel < 3; channel++) {
        const a = data[top + left + channel]!;
        const b = data[top + right + channel]!;
        const c = data[bottom + left + channel]!;
        const d = data[bottom + right + channel]!;
        const upper = a + (b - a) * fx;
        const lower = c + (d - c) * fx;
        out[o++] = upper + (lower - upper) * fy + 0.5;
      }
    }
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
  for (let i = 0; i < count; i++) {
    const position = (i + offset + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    low[i] = start + Math.max(floor, 0);
    high[i] = start + Math.min(floor + 1, length - 1);
    fraction[i] = position - floor;
  }
  return { low, high, fraction };
}
