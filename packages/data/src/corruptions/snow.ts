import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';
import { clippedZoom } from './clipped-zoom.ts';
import { type FloatPicture, fractionsOf, writeFractions } from './float-picture.ts';
import { motionBlur } from './motion-blur.ts';

export interface SnowSettings {
  /** Mean and standard deviation of the noise that flakes are made of. */
  mean: number;
  deviation: number;
  /** Enlargement of the flakes. */
  zoom: number;
  /** Values below it are no flakes. */
  threshold: number;
  /** Of the flakes' motion; its direction is drawn. */
  radius: number;
  sigma: number;
}

/** Falling flakes, 0..1: noise above a threshold, enlarged and blurred along a steep direction. */
export function snowLayer(
  { width, height }: { width: number; height: number },
  { mean, deviation, zoom, threshold, radius, sigma }: SnowSettings,
  random: Pick<Random, 'normal' | 'uniform'>,
): FloatPicture {
  const noise = { width, height, channels: 1, values: new Float64Array(width * height) };
  for (let i = 0; i < noise.values.length; i++)
    noise.values[i] = mean + deviation * random.normal();
  const flakes = clippedZoom(noise, zoom);
  for (let i = 0; i < flakes.values.length; i++) {
    const value = flakes.values[i]!;
    flakes.values[i] = value < threshold ? 0 : Math.min(value, 1);
  }
  const fallen = motionBlur(flakes, { radius, sigma, angle: random.uniform(-135, -45) });
  for (let i = 0; i < fallen.values.length; i++)
    fallen.values[i] = Math.round(fallen.values[i]! * 255) / 255;
  return fallen;
}

/**
 * Whitens a picture, and adds a layer of flakes and the same layer turned by 180 degrees.
 *
 * @param layer one value of 0..1 for each pixel
 * @param kept part of the picture that is not whitened, 0..1
 */
export function addSnow(image: RgbImage, layer: Float64Array, kept: number): void {
  const { values } = fractionsOf(image);
  for (let i = 0; i < layer.length; i++) {
    const [r, g, b] = [values[i * 3]!, values[i * 3 + 1]!, values[i * 3 + 2]!];
    const white = (0.299 * r + 0.587 * g + 0.114 * b) * 1.5 + 0.5;
    const flakes = layer[i]! + layer[layer.length - 1 - i]!;
    for (let c = i * 3; c < i * 3 + 3; c++)
      values[c] = kept * values[c]! + (1 - kept) * Math.max(values[c]!, white) + flakes;
  }
  writeFractions(values, image.data);
}
