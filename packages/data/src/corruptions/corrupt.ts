import type { RgbImage } from '../pixels/rgb-image.ts';
import type { Random } from '../rng.ts';
import type { CorruptionName, CorruptionSeverity } from './corruption-names.ts';
import { defocusBlur } from './defocus-blur.ts';
import { elasticTransform } from './elastic-transform.ts';
import { fittedLayer } from './fitted-layer.ts';
import { addFog } from './fog.ts';
import { addFrost, frostLayer } from './frost.ts';
import { glassBlur } from './glass-blur.ts';
import { jpegRoundTrip } from './jpeg-round-trip.ts';
import { motionBlur } from './motion-blur.ts';
import { gaussianNoise, impulseNoise, shotNoise } from './noise.ts';
import { pixelate } from './pixelate.ts';
import { plasmaFractal } from './plasma-fractal.ts';
import { addSnow, snowLayer } from './snow.ts';
import { brighten, reduceContrast } from './tone.ts';
import { zoomBlur } from './zoom-blur.ts';

/** Side in pixels of the images that ImageNet-C corrupts. */
const REFERENCE_SIDE = 224;

/** Side of the cloud of fog; the reference side and all smaller ones show a part of it. */
const CLOUD_SIDE = 256;

export interface Corruption {
  corruption: CorruptionName;
  severity: CorruptionSeverity;
}

/**
 * Corrupts a picture in place, as ImageNet-C does with crops of 224 pixels (Hendrycks & Dietterich
 * 2019, arXiv 1903.12261; settings of the authors' code, levels truncated as there).
 *
 * At other sizes, lengths (radii, shifts, flakes, clouds) grow with the square root of the picture's
 * area, so that a severity hides the same part of what is shown. Noise, tone and the blocks of JPEG
 * belong to single pixels and are the same at each size.
 *
 * Frost is computed instead of photographed: see {@link frostLayer}.
 */
export function corrupt(
  image: RgbImage,
  { corruption, severity }: Corruption,
  random: Random,
): void {
  const { width, height } = image;
  const scale = Math.sqrt(width * height) / REFERENCE_SIDE;
  const level = severity - 1;
  switch (corruption) {
    case 'gaussian_noise':
      gaussianNoise(image, [0.08, 0.12, 0.18, 0.26, 0.38][level]!, random);
      break;
    case 'shot_noise':
      shotNoise(image, [60, 25, 12, 5, 3][level]!, random);
      break;
    case 'impulse_noise':
      impulseNoise(image, [0.03, 0.06, 0.09, 0.17, 0.27][level]!, random);
      break;
    case 'defocus_blur':
      defocusBlur(image, {
        radius: [3, 4, 6, 8, 10][level]! * scale,
        aliasBlur: [0.1, 0.5, 0.5, 0.5, 0.5][level]!,
      });
      break;
    case 'glass_blur': {
      const [sigma, reach, iterations] = GLASS[level]!;
      glassBlur(
        image,
        { sigma: sigma * scale, reach: Math.max(Math.round(reach * scale), 1), iterations },
        random,
      );
      break;
    }
    case 'motion_blur':
      blurByMotion(image, level, scale, random);
      break;
    case 'zoom_blur':
      zoomBlur(image, arange(ZOOM[level]!));
      break;
    case 'snow': {
      const [mean, deviation, zoom, threshold, radius, sigma, kept] = SNOW[level]!;
      const settings = { mean, deviation, zoom, threshold, radius, sigma };
      const layer = snowLayer(referenceSize(image, scale), settings, random);
      addSnow(image, fittedLayer(layer, width, height), kept);
      break;
    }
    case 'frost': {
      const [kept, strength] = FROST[level]!;
      const layer = frostLayer(referenceSize(image, scale), random);
      addFrost(image, fittedLayer(layer, width, height), { kept, strength });
      break;
    }
    case 'fog': {
      const [strength, decay] = FOG[level]!;
      addFog(
        image,
        fittedLayer(cloudLayer(image, { scale, decay }, random), width, height),
        strength,
      );
      break;
    }
    case 'brightness':
      brighten(image, [0.1, 0.2, 0.3, 0.4, 0.5][level]!);
      break;
    case 'contrast':
      reduceContrast(image, [0.4, 0.3, 0.2, 0.1, 0.05][level]!);
      break;
    case 'elastic_transform': {
      const [alpha, sigma, affine] = ELASTIC[level]!;
      // Smoothed noise is weaker by the length that it is smoothed over.
      const scaled = { alpha: alpha * scale ** 2, sigma: sigma * scale, affine: affine * scale };
      elasticTransform(image, scaled, random);
      break;
    }
    case 'pixelate':
      pixelate(image, [0.6, 0.5, 0.4, 0.3, 0.25][level]!);
      break;
    case 'jpeg_compression':
      jpegRoundTrip(image, [25, 18, 15, 10, 7][level]!);
      break;
  }
}

/** Standard deviation, largest shift, iterations. */
const GLASS: readonly (readonly [number, number, number])[] = [
  [0.7, 1, 2],
  [0.9, 2, 1],
  [1, 2, 3],
  [1.1, 3, 2],
  [1.5, 4, 2],
];

/** Radius and standard deviation. */
const MOTION: readonly (readonly [number, number])[] = [
  [10, 3],
  [15, 5],
  [15, 8],
  [15, 12],
  [20, 15],
];

/** End and step of the factors, which begin at 1. */
const ZOOM: readonly (readonly [number, number])[] = [
  [1.11, 0.01],
  [1.16, 0.01],
  [1.21, 0.02],
  [1.26, 0.02],
  [1.31, 0.03],
];

/** Mean, deviation, zoom, threshold, radius, standard deviation, part that is not whitened. */
const SNOW: readonly (readonly [number, number, number, number, number, number, number])[] = [
  [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
  [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
  [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
  [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
  [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
];

/** Parts of the picture and of the frost. */
const FROST: readonly (readonly [number, number])[] = [
  [1, 0.4],
  [0.8, 0.6],
  [0.7, 0.7],
  [0.65, 0.7],
  [0.6, 0.75],
];

/** Strength, and decay of the cloud's noise. */
const FOG: readonly (readonly [number, number])[] = [
  [1.5, 2],
  [2, 2],
  [2.5, 1.7],
  [2.5, 1.5],
  [3, 1.4],
];

/** Factor, smoothing and affine shift; the authors computed them from 244 instead of 224. */
const ELASTIC: readonly (readonly [number, number, number])[] = [
  [244 * 2, 244 * 0.7, 244 * 0.1],
  [244 * 2, 244 * 0.08, 244 * 0.2],
  [244 * 0.05, 244 * 0.01, 244 * 0.02],
  [244 * 0.07, 244 * 0.01, 244 * 0.02],
  [244 * 0.12, 244 * 0.01, 244 * 0.02],
];

/** The values of numpy's `arange`, which may include the end by rounding. */
function arange([end, step]: readonly [number, number]): number[] {
  return Array.from({ length: Math.ceil((end - 1) / step) }, (_, i) => 1 + i * (1 + step - 1));
}

/** A picture of the same shape with the area of the reference. */
function referenceSize(
  { width, height }: RgbImage,
  scale: number,
): { width: number; height: number } {
  return { width: Math.round(width / scale), height: Math.round(height / scale) };
}

function blurByMotion(image: RgbImage, level: number, scale: number, random: Random): void {
  const [radius, sigma] = MOTION[level]!;
  const { width, height, data } = image;
  const picture = { width, height, channels: 3, values: Float64Array.from(data) };
  const settings = {
    radius: Math.max(Math.round(radius * scale), 1),
    sigma: sigma * scale,
    angle: random.uniform(-45, 45),
  };
  const { values } = motionBlur(picture, settings);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(values[i]!, 0), 255);
}

/** The part of a cloud that the reference shows. */
function cloudLayer(
  image: RgbImage,
  { scale, decay }: { scale: number; decay: number },
  random: Random,
): { width: number; height: number; channels: number; values: Float64Array } {
  const { width, height } = referenceSize(image, scale);
  const side = Math.max(CLOUD_SIDE, 2 ** Math.ceil(Math.log2(Math.max(width, height))));
  const cloud = plasmaFractal(side, decay, () => random.uniform(-1, 1));
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    values.set(cloud.subarray(y * side, y * side + width), y * width);
  return { width, height, channels: 1, values };
}
