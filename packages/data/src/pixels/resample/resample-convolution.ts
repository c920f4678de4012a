import type { View } from '../../geometry/view.ts';
import type { RgbImage } from '../rgb-image.ts';
import { type KernelSpace, kernelSpace } from '../simd-kernels.ts';
import { type ConvolutionWeights, viewWeights, WEIGHT_BITS } from './convolution-weights.ts';
import { scratchBytes } from './scratch.ts';

const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Draws a view of an image by separable antialiased convolution, bit-exactly like PIL's
 * `Image.resize` (Pillow 13): one axis after the other, with 8-bit levels in between. Computes only
 * what the window needs.
 *
 * @param view its window must be inside `resized`
 * @param out receives window.height x window.width x 3 levels, row by row
 */
export function resampleConvolution(
  image: RgbImage,
  view: View,
  interpolation: 'bilinear' | 'bicubic',
  out: Uint8Array,
): void {
  const { region, resized, flip } = view;
  const { columns, rows } = viewWeights(view, { interpolation, antialias: true });
  convolve(
    {
      image,
      columns: flip ? mirrored(columns) : columns,
      rows,
      heightFirst: isHeightFirst(region, resized),
    },
    out,
  );
}

/** Weighted sums along one axis and then the other, with 8-bit levels in between. */
export function convolve(pass: Passes, out: Uint8Array): void {
  const space = kernelSpace();
  if (!space || !convolveBySimd(space, pass, out)) convolveByLoops(pass, out);
}

interface Passes {
  image: RgbImage;
  columns: ConvolutionWeights;
  rows: ConvolutionWeights;
  heightFirst: boolean;
}

/** Returns false if the picture is too large for the kernels' memory. */
function convolveBySimd(
  space: KernelSpace,
  { image, columns, rows, heightFirst }: Passes,
  out: Uint8Array,
): boolean {
  const { kernels } = space;
  const [top, bottom] = extent(rows);
  const [left, right] = extent(columns);
  const width = columns.first.length;
  const height = rows.first.length;
  const stride = image.width * 3;
  const source = image.data.subarray(top * stride, bottom * stride);
  const betweenLength = heightFirst ? height * (right - left) * 3 : (bottom - top) * width * 3;
  const addresses = space.layOut([
    source.length,
    width * 4,
    width * 4,
    columns.weights.length * 4,
    rows.weights.length * 4,
    betweenLength,
    out.length,
  ]);
  if (!addresses) return false;
  const [from, first, counts, columnWeights, rowWeights, between, target] = addresses;
  space.bytes(from, source.length).set(source);
  const origin = heightFirst ? left : 0;
  space.writeInts(
    first,
    columns.first.map((column) => (column - origin) * 3),
  );
  space.writeInts(counts, columns.count);
  space.writeInts(columnWeights, columns.weights);
  space.writeInts(rowWeights, rows.weights);

  const convolveRow = (row: number, into: number): void => {
    kernels.convolveRow(row, first, counts, columnWeights, columns.taps, into, width);
  };
  const convolveColumns = (data: number, rowStride: number, into: number, length: number): void => {
    for (let y = 0; y < height; y++) {
      const weights = rowWeights + y * rows.taps * 4;
      kernels.convolveColumn(
        data + (rows.first[y]! - top) * rowStride,
        rowStride,
        weights,
        rows.count[y]!,
        into + y * length,
        length,
      );
    }
  };
  if (heightFirst) {
    const length = (right - left) * 3;
    convolveColumns(from + left * 3, stride, between, length);
    for (let y = 0; y < height; y++) convolveRow(between + y * length, target + y * width * 3);
  } else {
    const length = width * 3;
    for (let y = 0; y < bottom - top; y++) convolveRow(from + y * stride, between + y * length);
    convolveColumns(between, length, target, length);
  }
  out.set(space.bytes(target, out.length));
  return true;
}

/** Computes the same levels without SIMD. */
function convolveByLoops({ image, columns, rows, heightFirst }: Passes, out: Uint8Array): void {
  const [top, bottom] = extent(rows);
  const [left, right] = extent(columns);
  const width = columns.first.length;
  const height = rows.first.length;
  if (heightFirst) {
    const length = (right - left) * 3;
    const between = scratchBytes(height * length);
    convolveColumns(
      image.data,
      { stride: image.width * 3, start: left * 3, length, top: 0 },
      rows,
      between,
    );
    convolveRows(between, { stride: length, top: 0, bottom: height, left }, columns, out);
  } else {
    const length = width * 3;
    const between = scratchBytes((bottom - top) * length);
    convolveRows(image.data, { stride: image.width * 3, top, bottom, left: 0 }, columns, between);
    convolveColumns(between, { stride: length, start: 0, length, top }, rows, out);
  }
}

/**
 * Pillow resizes the height first if that is less work. The order affects the result, because
 * levels are clamped to 0..255 in between.
 */
function isHeightFirst(
  region: { width: number; height: number },
  resized: { width: number; height: number },
): boolean {
  return (
    resized.height < region.height &&
    region.height - resized.height > 2 * (region.width - resized.width)
  );
}

/** The first source position that is used, and the one after the last. */
function extent({ first, count }: ConvolutionWeights): [start: number, end: number] {
  let end = 0;
  for (let i = 0; i < first.length; i++) end = Math.max(end, first[i]! + count[i]!);
  return [Math.min(first[0]!, first.at(-1)!), end];
}

/** The weights in reverse order. */
function mirrored({ first, count, weights, taps }: ConvolutionWeights): ConvolutionWeights {
  const reversed = new Int32Array(weights.length);
  for (let i = 0; i < first.length; i++)
    reversed.set(weights.subarray(i * taps, (i + 1) * taps), (first.length - 1 - i) * taps);
  return { first: first.toReversed(), count: count.toReversed(), weights: reversed, taps };
}

/** Resizes rows `top` .. `bottom` - 1 along their length. Rows of `data` start at column `left`. */
function convolveRows(
  data: Uint8Array,
  part: { stride: number; top: number; bottom: number; left: number },
  columns: ConvolutionWeights,
  out: Uint8Array,
): void {
  const { first, count, weights, taps } = columns;
  const width = first.length;
  for (let y = part.top; y < part.bottom; y++) {
    const source = y * part.stride - part.left * 3;
    let o = (y - part.top) * width * 3;
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
      o += 3;
    }
  }
}

/**
 * Blends rows: `length` levels of each, starting at `start`. The first row of `data` is row `top`.
 */
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
