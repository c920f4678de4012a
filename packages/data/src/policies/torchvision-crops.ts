import { type ImageSize, sidesOf } from '../geometry/image-size.ts';
import { checkRange } from './check-range.ts';
import {
  checkResampling,
  checkSize,
  coverStep,
  makePolicy,
  pilBilinear,
  randomFlip,
  squashStep,
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
 * of the area with log-uniform aspect ratio, at most 10 attempts, resized to `size`; half of the
 * images are mirrored. Antialiased bilinear by default. As in torchvision, `ratio` does not follow
 * the aspect ratio of a rectangular size: for crops that are not squashed, multiply it by width /
 * height.
 */
export function randomResizedCrop(
  size: ImageSize,
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
  return makePolicy('randomResizedCrop', size, [
    crop,
    squashStep(size, { interpolation, antialias }),
    randomFlip,
  ]);
}

/**
 * The "simple random crop" of DeiT III (Touvron et al. 2022, section 3.2): the shorter side resized
 * to `size` (a rectangle is just covered), a random crop of `size` from the image with 4 mirrored
 * pixels on each side; half of the images are mirrored. Objects are about as large as under `resize` and `shortSideCrop`
 * at the same size, so there is little for FixRes to correct. Antialiased bicubic.
 */
export function simpleRandomCrop(size: ImageSize): Policy {
  checkSize('size', size);
  const { width, height } = sidesOf(size);
  return makePolicy('simpleRandomCrop', size, [
    coverStep(size, { interpolation: 'bicubic', antialias: true }),
    { op: 'randomCrop', width, height, padding: 4, paddingMode: 'reflect' },
    randomFlip,
  ]);
}
