import { blend, blendTable } from './operations/blend.ts';
import { boxBlur } from './operations/box-blur.ts';
import { erase } from './operations/erase.ts';
import { gaussianBlur } from './operations/gaussian-blur.ts';
import {
  autoContrastTable,
  equalizeTable,
  invertTable,
  mapByHistogram,
  mapLevels,
  posterizeTable,
  solarizeTable,
} from './operations/level-tables.ts';
import { luma, meanLuma, toGrayscale } from './operations/luma.ts';
import { mapAffine } from './operations/affine.ts';
import { mixChains } from './operations/mix-chains.ts';
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
      return mapLevels(pixels, blendTable(0, adjustment.factor));
    case 'contrast':
      return mapLevels(pixels, blendTable(meanLuma(pixels), adjustment.factor));
    case 'saturation':
      return saturate(pixels, adjustment.factor);
    case 'hue':
      return turnHue(pixels, adjustment.shift);
    case 'sharpness':
      return sharpen(image, adjustment.factor);
    case 'posterize':
      return mapLevels(pixels, posterizeTable(adjustment.bits));
    case 'solarize':
      return mapLevels(pixels, solarizeTable(adjustment.threshold));
    case 'autoContrast':
      return mapByHistogram(pixels, autoContrastTable);
    case 'equalize':
      return mapByHistogram(pixels, equalizeTable);
    case 'invert':
      return mapLevels(pixels, invertTable());
    case 'grayscale':
      return toGrayscale(pixels);
    case 'shearX':
    case 'shearY':
    case 'translateX':
    case 'translateY':
    case 'rotate':
      return mapAffine(image, adjustment);
    case 'gaussianBlur':
      return gaussianBlur(image, adjustment);
    case 'boxBlur':
      return boxBlur(image, adjustment.radius);
    case 'erase':
      return erase(image, adjustment.part, adjustment.value);
    case 'mixture':
      return mixChains(image, adjustment, adjustPixels);
  }
}

function saturate(pixels: Uint8Array, factor: number): void {
  const single = Math.fround(factor);
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = luma(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
    for (let channel = i; channel < i + 3; channel++)
      pixels[channel] = blend(grey, pixels[channel]!, single);
  }
}
