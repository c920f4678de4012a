import { corrupt } from '../corruptions/corrupt.ts';
import { createRandom } from '../rng.ts';
import { boxBlur } from './operations/box-blur.ts';
import {
  brighten,
  changeContrast,
  invert,
  posterize,
  solarize,
} from './operations/change-levels.ts';
import { erase } from './operations/erase.ts';
import { gaussianBlur } from './operations/gaussian-blur.ts';
import { autoContrast, equalize } from './operations/change-histogram.ts';
import { toGrayscale } from './operations/luma.ts';
import { mapAffine } from './operations/affine.ts';
import { mixChains } from './operations/mix-chains.ts';
import { saturate } from './operations/saturate.ts';
import { sharpen } from './operations/sharpen.ts';
import { turnHue } from './operations/turn-hue.ts';
import type { PixelAdjustment } from './pixel-adjustment.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * Changes a picture in place, bit-exactly like torchvision's functions of the same names on PIL
 * images (`gaussianBlur` to within one level): levels are 8-bit between the adjustments, and
 * blended ones truncated (not rounded) to whole numbers.
 *
 * @param image RGB levels; contrast uses their overall mean
 */
export function adjustPixels(image: RgbImage, adjustments: readonly PixelAdjustment[]): void {
  for (const adjustment of adjustments) adjust(image, adjustment);
}

function adjust(image: RgbImage, adjustment: PixelAdjustment): void {
  const { data: pixels } = image;
  switch (adjustment.op) {
    case 'brightness':
      brighten(pixels, adjustment.factor);
      break;
    case 'contrast':
      changeContrast(pixels, adjustment.factor);
      break;
    case 'saturation':
      saturate(pixels, adjustment.factor);
      break;
    case 'hue':
      turnHue(pixels, adjustment.shift);
      break;
    case 'sharpness':
      sharpen(image, adjustment.factor);
      break;
    case 'posterize':
      posterize(pixels, adjustment.bits);
      break;
    case 'solarize':
      solarize(pixels, adjustment.threshold);
      break;
    case 'autoContrast':
      autoContrast(pixels);
      break;
    case 'equalize':
      equalize(pixels);
      break;
    case 'invert':
      invert(pixels);
      break;
    case 'grayscale':
      toGrayscale(pixels);
      break;
    case 'shearX':
    case 'shearY':
    case 'translateX':
    case 'translateY':
    case 'rotate':
      mapAffine(image, adjustment);
      break;
    case 'gaussianBlur':
      gaussianBlur(image, adjustment);
      break;
    case 'boxBlur':
      boxBlur(image, adjustment.radius);
      break;
    case 'erase':
      erase(image, adjustment.part, adjustment.value);
      break;
    case 'corrupt': {
      const { corruption, severity, seed } = adjustment;
      corrupt(image, adjustment, createRandom(seed, 'corrupt', corruption, severity));
      break;
    }
    case 'mixture':
      mixChains(image, adjustment, adjustPixels);
      break;
  }
}
