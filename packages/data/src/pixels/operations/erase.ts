import { imagenetStatistics } from '../../contract/input-scalings.ts';
import type { Rect, Rgb } from '../../geometry/view.ts';
import { createRandom } from '../../rng.ts';
import type { RgbImage } from '../rgb-image.ts';

/** Overwrites a part of a picture. */
export function erase(
  { width, data }: RgbImage,
  part: Rect,
  value: Rgb | { noiseSeed: number },
): void {
  const level = Array.isArray(value)
    ? (channel: number): number => value[channel]!
    : noise(value.noiseSeed);
  // Rounds and limits.
  const levels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) {
      for (let channel = 0; channel < 3; channel++)
        levels[(y * width + x) * 3 + channel] = level(channel);
    }
  }
}

/** Normal noise with ImageNet's statistics: standard normal after torchvision's normalisation. */
function noise(seed: number): (channel: number) => number {
  const { mean, std } = imagenetStatistics;
  const random = createRandom(seed, 'erase');
  return (channel) => 255 * (mean[channel]! + std[channel]! * random.normal());
}
