import type { RgbImage } from '../pixels/rgb-image.ts';
import { clippedZoom } from './clipped-zoom.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';

/** The blur of a camera that moves towards the scene: the mean of enlarged copies. */
export function zoomBlur(image: RgbImage, factors: readonly number[]): void {
  const picture = fractionsOf(image);
  const sums = Float64Array.from(picture.values);
  for (const factor of factors) {
    const { values } = clippedZoom(picture, factor);
    for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
  }
  writeFractions(
    sums.map((sum) => sum / (factors.length + 1)),
    image.data,
  );
}
