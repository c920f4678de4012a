import type { RgbImage } from '../pixels/rgb-image.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';

/**
 * Adds a cloud, and dims so that the brightest level stays.
 *
 * @param cloud one value of 0..1 for each pixel
 */
export function addFog(image: RgbImage, cloud: Float64Array, strength: number): void {
  const { values } = fractionsOf(image);
  const brightest = values.reduce((most, value) => Math.max(most, value), 0);
  const kept = brightest / (brightest + strength);
  writeFractions(
    values.map((value, i) => (value + strength * cloud[Math.floor(i / 3)]!) * kept),
    image.data,
  );
}
