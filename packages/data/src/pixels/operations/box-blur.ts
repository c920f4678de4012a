import type { RgbImage } from '../rgb-image.ts';
import { copyOf } from './scratch-copy.ts';

const PASSES = 3;

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
  const { width, height, data } = image;
  const box = boxOf(radius);
  for (let pass = 0; pass < PASSES; pass++) {
    const source = copyOf(data);
    for (let y = 0; y < height; y++) {
      const row = { start: y * width * 3, lines: 3, stride: 3, length: width };
      blurLines(source, data, row, box);
    }
  }
  const columns = { start: 0, lines: width * 3, stride: width * 3, length: height };
  for (let pass = 0; pass < PASSES; pass++) blurLines(copyOf(data), data, columns, box);
}

/**
 * Blurs neighbouring lines at once, along their pixels, which are `stride` apart. The outermost
 * pixels are repeated beyond the ends.
 */
function blurLines(
  source: Uint8Array,
  out: Uint8Array,
  {
    start,
    lines,
    stride,
    length,
  }: { start: number; lines: number; stride: number; length: number },
  { whole, inner, outer }: Box,
): void {
  const at = (i: number): number => start + Math.min(Math.max(i, 0), length - 1) * stride;
  const sums = new Int32Array(lines);
  for (let i = -whole; i <= whole; i++) {
    const place = at(i);
    for (let line = 0; line < lines; line++) sums[line]! += source[place + line]!;
  }
  for (let i = 0; i < length; i++) {
    const [before, after, first, to] = [at(i - whole - 1), at(i + whole + 1), at(i - whole), at(i)];
    for (let line = 0; line < lines; line++) {
      const next = source[after + line]!;
      const sum = sums[line]!;
      out[to + line] = (sum * inner + (source[before + line]! + next) * outer + 2 ** 23) / 2 ** 24;
      sums[line] = sum + next - source[first + line]!;
    }
  }
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
