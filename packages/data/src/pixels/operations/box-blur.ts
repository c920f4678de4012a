import { changeInKernels, roomFor } from '../adjust-kernels.ts';
import type { RgbImage } from '../rgb-image.ts';
import { copyOf } from './scratch-copy.ts';

const PASSES = 3;
/** One half, with 24 fractional bits. */
const HALF = 2 ** 23;

/** The kernel adds up each box; the loops move its sum along, which is faster for wide ones. */
const WIDEST_IN_KERNEL = 16;

/** A box of `whole` pixels on each side of the middle one, and a fraction of the next ones. */
interface Box {
  whole: number;
  /** Weights of 24 bits: of each whole pixel, and of the two at the ends. */
  inner: number;
  outer: number;
}

/**
 * Gaussian blur as Pillow's `ImageFilter.GaussianBlur` computes it, bit-exactly: three extended box
 * blurs of each row, then of each column (Gwosdek et al. 2011). Levels are rounded after each.
 *
 * @param radius standard deviation in pixels
 */
export function boxBlur(image: RgbImage, radius: number): void {
  const { width, data } = image;
  const box = boxOf(radius);
  if (box.whole <= WIDEST_IN_KERNEL && blurInKernel(image, box)) return;
  const row = width * 3;
  const border = 3 * (box.whole + 1);
  const line = new Uint8Array(row + 2 * border);
  for (let start = 0; start < data.length; start += row) {
    for (let pass = 0; pass < PASSES; pass++) {
      line.set(data.subarray(start, start + row), border);
      repeatPixel(line, border, 0, border);
      repeatPixel(line, border + row - 3, border + row, line.length);
      for (let channel = 0; channel < 3; channel++)
        blurLine(line, channel, data, start + channel, width, box);
    }
  }
  for (let pass = 0; pass < PASSES; pass++) blurColumns(copyOf(data), data, image, box);
}

function blurInKernel({ width, height, data }: RgbImage, { whole, inner, outer }: Box): boolean {
  const ends = 2 * (whole + 1);
  const rows = 3 * width * (height + ends);
  const lines = 2 * roomFor(3 * (width + ends));
  return changeInKernels(data, Math.max(rows, lines), ({ kernels, pixels, work }) =>
    kernels.boxBlur(pixels, work, width, height, whole, inner, outer),
  );
}

/** Copies the pixel at `from` to all pixels from `start` to `end`. */
function repeatPixel(line: Uint8Array, from: number, start: number, end: number): void {
  for (let i = start; i < end; i++) line[i] = line[from + ((i - start) % 3)]!;
}

/** Blurs a channel of a row. @param line the row with `whole` + 1 more pixels on each side */
function blurLine(
  line: Uint8Array,
  channel: number,
  out: Uint8Array,
  start: number,
  width: number,
  { whole, inner, outer }: Box,
): void {
  const reach = 3 * (2 * whole + 2);
  let sum = 0;
  for (let i = channel + 3; i < channel + reach; i += 3) sum += line[i]!;
  let to = start;
  for (let i = channel; i < channel + 3 * width; i += 3) {
    const next = line[i + reach]!;
    out[to] = scaled(Math.imul(sum, inner), Math.imul(line[i]! + next, outer));
    sum += next - line[i + 3]!;
    to += 3;
  }
}

/** Blurs all columns at once, row by row. */
function blurColumns(
  source: Uint8Array,
  out: Uint8Array,
  { width, height }: RgbImage,
  { whole, inner, outer }: Box,
): void {
  const row = width * 3;
  const at = (y: number): number => Math.min(Math.max(y, 0), height - 1) * row;
  const sums = new Int32Array(row);
  for (let y = -whole; y <= whole; y++) {
    const start = at(y);
    for (let i = 0; i < row; i++) sums[i]! += source[start + i]!;
  }
  for (let y = 0; y < height; y++) {
    const [before, after, first, to] = [at(y - whole - 1), at(y + whole + 1), at(y - whole), at(y)];
    for (let i = 0; i < row; i++) {
      const next = source[after + i]!;
      const sum = sums[i]!;
      out[to + i] = scaled(Math.imul(sum, inner), Math.imul(source[before + i]! + next, outer));
      sums[i] = sum + next - source[first + i]!;
    }
  }
}

/** The sum of two products without their 24 fractional bits, rounded. It is whole without a sign. */
function scaled(one: number, other: number): number {
  return ((((one + other) | 0) + HALF) | 0) >>> 24;
}

/** The box whose three passes have this standard deviation. */
function boxOf(radius: number): Box {
  const { fround } = Math;
  const single = fround(radius);
  const variance = fround(fround(single * single) / PASSES);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const part = fround(
    (fround(2 * whole + 1) * fround(fround(whole * (whole + 1)) - fround(3 * variance))) /
      fround(6 * fround(variance - fround((whole + 1) * (whole + 1)))),
  );
  const inner = Math.floor(fround(2 ** 24 / fround(fround(whole + part) * 2 + 1)));
  return { whole, inner, outer: Math.floor((2 ** 24 - (2 * whole + 1) * inner) / 2) };
}
