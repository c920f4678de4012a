import type { RgbImage } from '../rgb-image.ts';
import { blend } from './blend.ts';
import { copyOf } from './scratch-copy.ts';

/** Sum of the weights of Pillow's filter SMOOTH: 5 for the pixel, 1 for each of its 8 neighbours. */
const WEIGHTS = 13;

/**
 * Blends a picture with its smoothed version, like Pillow's `ImageEnhance.Sharpness`. The outermost
 * pixels are not smoothed.
 */
export function sharpen({ width, height, data }: RgbImage, factor: number): void {
  if (factor === 1) return;
  const single = Math.fround(factor);
  const source = copyOf(data);
  const row = width * 3;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const level = source[i]!;
      const sum =
        source[i - row - 3]! +
        source[i - row]! +
        source[i - row + 3]! +
        source[i - 3]! +
        5 * level +
        source[i + 3]! +
        source[i + row - 3]! +
        source[i + row]! +
        source[i + row + 3]!;
      // Rounded; a thirteenth is never half of a level.
      const smooth = Math.floor(sum / WEIGHTS + 0.5);
      data[i] = blend(smooth, level, single);
    }
  }
}
