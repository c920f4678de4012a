import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';
import { gaussianFilter } from './gaussian-filter.ts';

export interface GlassSettings {
  /** Standard deviation of both blurs, in pixels. */
  sigma: number;
  /** Largest shift of a pixel. */
  reach: number;
  iterations: number;
}

/**
 * Frosted glass: blurs, replaces each pixel by one near it, and blurs again. The authors' code was
 * meant to swap the two pixels; in numpy it copies one over the other, and so do the images of
 * ImageNet-C.
 */
export function glassBlur(
  image: RgbImage,
  { sigma, reach, iterations }: GlassSettings,
  random: Pick<Random, 'int'>,
): void {
  const { width, height, data } = image;
  const blur = (): void => {
    const blurred = gaussianFilter(fractionsOf(image), { sigma, truncate: 4, mode: 'edge' });
    writeFractions(blurred.values, data);
  };
  blur();
  for (let i = 0; i < iterations; i++) {
    for (let y = height - reach; y > reach; y--) {
      for (let x = width - reach; x > reach; x--) {
        const [dx, dy] = [random.int(2 * reach) - reach, random.int(2 * reach) - reach];
        const [to, from] = [(y * width + x) * 3, ((y + dy) * width + x + dx) * 3];
        for (let c = 0; c < 3; c++) data[to + c] = data[from + c]!;
      }
    }
  }
  blur();
}
