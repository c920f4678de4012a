import { FixresDataError } from '../errors.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling } from './policy-step.ts';

/** Mirrors half of the train images horizontally. */
export const randomFlip: PolicyStep = { op: 'randomHorizontalFlip', probability: 0.5 };

/** The resampling of PIL, and so of torchvision and timm. */
export const pilBilinear: Resampling = { interpolation: 'bilinear', antialias: true };

/** A policy with a square output. */
export function squarePolicy(name: string, size: number, steps: PolicyStep[]): Policy {
  return { version: 1, name, output: { width: size, height: size }, steps };
}

/** Largest side of a policy's output, in pixels. */
export const LARGEST_SIDE = 4096;

/** @throws FixresDataError `bad-option` unless `value` is a valid side of an image */
export function checkSize(option: string, value: number): void {
  if (!Number.isInteger(value) || value < 8 || value > LARGEST_SIDE) {
    throw new FixresDataError(
      'bad-option',
      `Option "${option}" is ${value}; it must be a whole number of pixels from 8 to ${LARGEST_SIDE}.`,
    );
  }
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
