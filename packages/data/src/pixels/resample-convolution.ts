import type { View } from '../geometry/view.ts';
import { type ConvolutionWeights, convolutionWeights, WEIGHT_BITS } from './convolution-weights.ts';
import type { RgbImage } from './rgb-image.ts';
import { scratchBytes } from './scratch.ts';

const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Draws a view of an image by separable antialiased convolution, as PIL's `Image.resize` does to the bit (Pillow 13): one axis
 * first, then the other, with 8-bit levels in between. Only what the window needs is computed.
 *
 * @param view its window must lie inside `resized`
 * @param out receives window.height x window.width x 3 levels, row by row
 */
export function resampleConvolution(image: RgbImage, view: View, interpolation: 'bilinear' | 'bicubic', out: Uint8Array): void {
  const { region, resized, window, flip } = view;
  const filter = { interpolation, antialias: true };
  const columns = convolutionWeights({
    ...filter, start: region.x, length: region.width, resizedLength: resized.width, offset: window.x, count: window.width,
  });
  const rows = convolutionWeights({
    ...filter, start: region.y, length: region.height, resizedLength: resized.height, offset: window.y, count: window.height,
  });
  const top = rows.first[0]!;
  const bottom = lastTap(rows);
  const left = columns.first[0]!;
  const right = lastTap(columns);
  if (isHeightFirst(region, resized)) {
    const width = right - left;
    const between = scratchBytes(window.height * width * 3);
    convolveColumns(image.data, { stride: image.width * 3, start: left * 3, length: width * 3, top: 0 }, rows, between);
    convolveRows(between, { stride: width * 3, top: 0, bottom: window.height, left }, columns, flip, out);
  } else {
    const length = window.width * 3;
    const between = scratchBytes((bottom - top) * length);
    convolveRows(image.data, { stride: image.width * 3, top, bottom, left: 0 }, columns, flip, between);
    convolveColumns(between, { stride: length, start: 0, length, top }, rows, out);
  }
}

/** Pillow resizes the height first where that saves work. The order shows: levels are cut to 0..255 in between. */
function isHeightFirst(region: { width: number; height: number }, resized: { width: number; height: number }): boolean {
  return resized.height < region.height && region.height - resized.height > 2 * (region.width - resized.width);
}

function lastTap({ first, count }: ConvolutionWeights): number {
  return first.at(-1)! + count.at(-1)!;
}

/** Resizes rows `top` .. `bottom` - 1 along their length, mirrored if `flip`. Rows of `data` begin with column `left`. */
function convolveRows(
  data: Uint8Array,
  part: { stride: number; top: number; bottom: number; left: number },
  columns: ConvolutionWeights,
  flip: boolean,
  out: Uint8Array,
): void {
  const { first, count, weights, taps } = columns;
  const width = first.length;
  const step = flip ? -3 : 3;
  for (let y = part.top; y < part.bottom; y++) {
    const source = y * part.stride - part.left * 3;
    let o = (y - part.top) * width * 3 + (flip ? (width - 1) * 3 : 0);
    for (let x = 0; x < width; x++) {
      let i = source + first[x]! * 3;
      let w = x * taps;
      const end = w + count[x]!;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (; w < end; w++) {
        const weight = weights[w]!;
        red = (red + Math.imul(data[i]!, weight)) | 0;
        green = (green + Math.imul(data[i + 1]!, weight)) | 0;
        blue = (blue + Math.imul(data[i + 2]!, weight)) | 0;
        i += 3;
      }
      out[o] = level(red);
      out[o + 1] = level(green);
      out[o + 2] = level(blue);
      o += step;
    }
  }
}

/** Mixes rows, `length` levels of each from `start` on. The first row of `data` is row `top`. */
function convolveColumns(
  data: Uint8Array,
  part: { stride: number; start: number; length: number; top: number },
  rows: ConvolutionWeights,
  out: Uint8Array,
): void {
  const { first, count, weights, taps } = rows;
  const { stride, start, length, top } = part;
  const sums = new Int32Array(length);
  for (let y = 0; y < first.length; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < count[y]!; tap++) {
      const weight = weights[y * taps + tap]!;
      const source = (first[y]! - top + tap) * stride + start;
      for (let i = 0; i < length; i++) sums[i] = sums[i]! + Math.imul(data[source + i]!, weight);
    }
    const target = y * length;
    for (let i = 0; i < length; i++) out[target + i] = level(sums[i]!);
  }
}

function level(sum: number): number {
  const value = sum >> WEIGHT_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
