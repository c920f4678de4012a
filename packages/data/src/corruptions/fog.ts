import type { RgbImage } from '../pixels/rgb-image.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';

/**
 * Adds a cloud, and dims so that the brightest level stays.
 *
 * @param cloud one value of 0..1 for each pixel
 */
export function addFog(image: RgbImage, cloud: Float64Array, strength: number): void {
  const { values } = fractionsOf(image);
  let brightest = 0;
  for (const value of values) brightest = Math.max(brightest, value);
  const kept = brightest / (brightest + strength);
  for (let i = 0; i < cloud.length; i++) {
    const fog = strength * cloud[i]!;
    for (let c = i * 3; c < i * 3 + 3; c++) values[c] = (values[c]! + fog) * kept;
  }
  writeFractions(values, image.data);
}
