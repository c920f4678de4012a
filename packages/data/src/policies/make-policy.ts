import { FixresDataError } from '../errors.ts';
import { type ImageSize, sidesOf } from '../geometry/image-size.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling, ResizeStep } from './policy-step.ts';

/** Mirrors half of the train images horizontally. */
export const randomFlip: PolicyStep = { op: 'randomHorizontalFlip', probability: 0.5 };

/** The resampling of PIL, and so of torchvision and timm. */
export const pilBilinear: Resampling = { interpolation: 'bilinear', antialias: true };

/** A policy whose output has this size. */
export function makePolicy(name: string, size: ImageSize, steps: PolicyStep[]): Policy {
  const { width, height } = sidesOf(size);
  return { version: 1, name, output: { width, height }, steps };
}

/**
 * Resizes an image, with its aspect ratio, so that it just covers a size: the shorter side of a
 * square, as torchvision does; a rectangle as timm does.
 */
export function coverStep(size: ImageSize, resampling: Resampling): ResizeStep {
  const { width, height } = sidesOf(size);
  return width === height
    ? { op: 'resizeShortSide', side: width, ...resampling }
    : { op: 'resizeToCover', width, height, ...resampling };
}

/** Resizes an image, with its aspect ratio, so that the whole of it fits into a size. */
export function fitStep(size: ImageSize, resampling: Resampling): ResizeStep {
  const { width, height } = sidesOf(size);
  return width === height
    ? { op: 'resizeLongSide', side: width, ...resampling }
    : { op: 'resizeToFit', width, height, ...resampling };
}

/** Sets both sides of an image. */
export function squashStep(size: ImageSize, resampling: Resampling): ResizeStep {
  const { width, height } = sidesOf(size);
  return { op: 'resize', width, height, ...resampling };
}

/** Largest side of a policy's output, in pixels. */
export const LARGEST_SIDE = 4096;

/** @throws FixresDataError `bad-option` unless the sides of `size` are valid for an image */
export function checkSize(option: string, size: ImageSize): void {
  const { height, width } = sidesOf(size);
  const isSide = (side: number): boolean =>
    Number.isInteger(side) && side >= 8 && side <= LARGEST_SIDE;
  if (isSide(height) && isSide(width)) return;
  const allowed =
    typeof size === 'number'
      ? 'it must be a whole number of pixels'
      : 'its height and width must be whole numbers of pixels';
  throw new FixresDataError(
    'bad-option',
    `Option "${option}" is ${typeof size === 'number' ? size : `${height}x${width}`}; ${allowed} from 8 to ${LARGEST_SIDE}.`,
  );
}

/**
 * @throws FixresDataError `bad-option` for lanczos3 without antialiasing, which libvips does not
 * have
 */
export function checkResampling({ interpolation, antialias }: Resampling): void {
  if (interpolation === 'lanczos3' && !antialias) {
    throw new FixresDataError(
      'bad-option',
      'Option "antialias" is false; with interpolation "lanczos3" it must be true.',
    );
  }
}
