import { changeInKernels } from '../adjust-kernels.ts';
import type { RgbImage } from '../rgb-image.ts';
import { blend, blendBy } from './blend.ts';
import { copyOf } from './scratch-copy.ts';

/** Sum of the weights of Pillow's filter SMOOTH: 5 for the pixel, 1 for each of its 8 neighbours. */
const WEIGHTS = 13;

/** The smoothed level of each weighted sum; a thirteenth is never half of a level. */
const smoothed = new Uint8Array(WEIGHTS * 255 + 1);
for (let sum = 0; sum < smoothed.length; sum++) smoothed[sum] = Math.round(sum / WEIGHTS);

/**
 * Blends a picture with its smoothed version, like Pillow's `ImageEnhance.Sharpness`. The outermost
 * pixels are not smoothed.
 */
export function sharpen({ width, height, data }: RgbImage, factor: number): void {
  if (factor === 1) return;
  const isDone = changeInKernels(data, data.length, ({ kernels, pixels, work, bytes }) => {
    bytes(work, data.length).set(data);
    kernels.sharpen(work, pixels, width, height, factor);
  });
  if (isDone) return;
  const by = blendBy(factor);
  const source = copyOf(data);
  const row = width * 3;
  const columns = new Uint16Array(row);
  for (let y = 1; y < height - 1; y++) {
    const start = y * row;
    for (let i = 0; i < row; i++)
      columns[i] = source[start + i - row]! + source[start + i]! + source[start + i + row]!;
    for (let i = 3; i < row - 3; i++) {
      const level = source[start + i]!;
      const sum = columns[i - 3]! + columns[i]! + columns[i + 3]! + 4 * level;
      data[start + i] = blend(by, smoothed[sum]!, level);
    }
  }
}
