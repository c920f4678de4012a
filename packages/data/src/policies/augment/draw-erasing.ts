import { roundHalfEven } from '../../geometry/round-half-even.ts';
import type { Size } from '../../geometry/view.ts';
import type { PixelAdjustment } from '../../pixels/pixel-adjustment.ts';
import type { Random } from '../../rng.ts';
import type { RandomErasingStep } from './augment-step.ts';

/** As in torchvision; after these, nothing is erased. */
const ATTEMPTS = 10;

/**
 * Draws whether and where an image is erased: area and aspect ratio until the rectangle is smaller
 * than the image, then its row and column, then the seed of its noise.
 */
export function drawErasing(
  { probability, scale, ratio, value }: RandomErasingStep,
  { width, height }: Size,
  random: Random,
): PixelAdjustment[] {
  if (random.next() >= probability) return [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * random.uniform(...scale);
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const high = roundHalfEven(Math.sqrt(area * aspect));
    const wide = roundHalfEven(Math.sqrt(area / aspect));
    if (high >= height || wide >= width) continue;
    const y = random.int(height - high + 1);
    const x = random.int(width - wide + 1);
    const part = { x, y, width: wide, height: high };
    if (value === 'random')
      return [{ op: 'erase', part, value: { noiseSeed: random.int(2 ** 32) } }];
    return [
      { op: 'erase', part, value: typeof value === 'number' ? [value, value, value] : value },
    ];
  }
  return [];
}
