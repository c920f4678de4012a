import { checkRange } from './check-range.ts';
import {
  checkResampling,
  checkSize,
  pilBilinear,
  randomFlip,
  squarePolicy,
} from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling } from './policy-step.ts';

/** Options of {@link randomResizedCrop}; the defaults are torchvision's and timm's. */
export interface RandomResizedCropPolicyOptions extends Partial<Resampling> {
  /** Minimum and maximum fraction of the image's area. Default [0.08, 1]. */
  scale?: [number, number];
  /** Minimum and maximum width / height. Default [3/4, 4/3]. */
  ratio?: [number, number];
}

/**
 * The usual train policy for ImageNet (torchvision, timm, the FixRes paper): a crop of 8 % to 100 %
 * of the area with log-uniform aspect ratio, at most 10 attempts, resized to `size` x `size`; half
 * of the images are mirrored. Antialiased bilinear by default.
 */
export function randomResizedCrop(
  size: number,
  options: RandomResizedCropPolicyOptions = {},
): Policy {
  const {
    scale = [0.08, 1],
    ratio = [3 / 4, 4 / 3],
    interpolation = pilBilinear.interpolation,
    antialias = pilBilinear.antialias,
  } = options;
  checkSize('size', size);
  checkRange('scale', scale, Number.MIN_VALUE, 1);
  checkRange('ratio', ratio, Number.MIN_VALUE, Number.MAX_VALUE);
  checkResampling({ interpolation, antialias });
  const crop: PolicyStep = { op: 'randomResizedCrop', scale, ratio, maxAttempts: 10 };
  return squarePolicy('randomResizedCrop', size, [
    crop,
    { op: 'resize', width: size, height: size, interpolation, antialias },
    randomFlip,
  ]);
}

/**
 * The "simple random crop" of DeiT III (Touvron et al. 2022, section 3.2): the shorter side resized
 * to `size`, a random crop of `size` x `size` from the image with 4 mirrored pixels on each side;
 * half of the images are mirrored. Objects are about as large as under `resize` and `shortSideCrop`
 * at the same size, so there is little for FixRes to correct. Antialiased bicubic.
 */
export function simpleRandomCrop(size: number): Policy {
  checkSize('size', size);
  return squarePolicy('simpleRandomCrop', size, [
    { op: 'resizeShortSide', side: size, interpolation: 'bicubic', antialias: true },
    { op: 'randomCrop', width: size, height: size, padding: 4, paddingMode: 'reflect' },
    randomFlip,
  ]);
}
