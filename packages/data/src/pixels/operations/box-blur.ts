import type { RgbImage } from '../rgb-image.ts';

const PASSES = 3;

/**
 * Gaussian blur as Pillow's `ImageFilter.GaussianBlur` computes it, bit-exactly: three extended box
 * blurs of each row, then of each column (Gwosdek et al. 2011). Levels are rounded after each.
 *
 * @param radius standard deviation in pixels
 */
export function boxBlur({ width, height, data }: RgbImage, radius: number): void {
  const box = boxRadius(radius);
  if (box === 0) return;
  const whole = Math.floor(box);
  // Weights of 24 bits: of each whole pixel, and of the two at the ends.
  const inner = Math.floor(Math.fround(2 ** 24 / Math.fround(box * 2 + 1)));
  const outer = Math.floor((2 ** 24 - (2 * whole + 1) * inner) / 2);
  const line = new Uint8Array(Math.max(width, height) + 2 * (whole + 1));
  const blurLine = (start: number, stride: number, length: number): void => {
    for (let pass = 0; pass < PASSES; pass++) {
      for (let i = 0; i < length; i++) line[whole + 1 + i] = data[start + i * stride]!;
      line.fill(line[whole + 1]!, 0, whole + 1);
      line.fill(line[whole + length]!, whole + 1 + length, length + 2 * (whole + 1));
      let sum = 0;
      for (let i = 1; i <= 2 * whole + 1; i++) sum += line[i]!;
      for (let i = 0; i < length; i++) {
        const ends = line[i]! + line[i + 2 * whole + 2]!;
        data[start + i * stride] = (sum * inner + ends * outer + 2 ** 23) / 2 ** 24;
        sum += line[i + 2 * whole + 2]! - line[i + 1]!;
      }
    }
  };
  for (let y = 0; y < height; y++)
    for (let channel = 0; channel < 3; channel++) blurLine(y * width * 3 + channel, 3, width);
  for (let i = 0; i < width * 3; i++) blurLine(i, width * 3, height);
}

/** The radius of a box whose three passes have this standard deviation; a fraction of a pixel counts. */
function boxRadius(radius: number): number {
  const { fround } = Math;
  const single = fround(radius);
  const variance = fround(fround(single * single) / PASSES);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = fround(Math.floor((length - 1) / 2));
  const part = fround(
    (fround(2 * whole + 1) * fround(fround(whole * (whole + 1)) - fround(3 * variance))) /
      fround(6 * fround(variance - fround((whole + 1) * (whole + 1)))),
  );
  return fround(whole + part);
}
