import { FixresDataError } from '../errors.ts';
import { checkSize, randomFlip, squarePolicy } from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep } from './policy-step.ts';

const squash = (side: number): PolicyStep => ({
  op: 'resize',
  width: side,
  height: side,
  interpolation: 'bilinear',
  antialias: false,
});

/**
 * The train policy of the Keras example "FixRes" (2021): a crop of 5 % to 100 % of the area with
 * aspect ratio 0.75 to 1.33, at most 100 attempts, resized without antialiasing to `size` x `size`;
 * half of the images are mirrored.
 */
export function sampledBoundingBoxCrop(size: number): Policy {
  checkSize('size', size);
  const crop: PolicyStep = {
    op: 'sampledBoundingBoxCrop',
    area: [0.05, 1],
    aspectRatio: [0.75, 1.33],
    maxAttempts: 100,
  };
  return squarePolicy('sampledBoundingBoxCrop', size, [crop, squash(size), randomFlip]);
}

/** The whole image, squashed to `size` x `size`: the Keras example's validation policy. */
export function resize(size: number): Policy {
  checkSize('size', size);
  return squarePolicy('resize', size, [squash(size)]);
}

/** {@link resize} with half of the images mirrored: test-like views for training. */
export function resizeFlip(size: number): Policy {
  checkSize('size', size);
  return squarePolicy('resizeFlip', size, [squash(size), randomFlip]);
}

/** Sizes of the FixRes step: the model was trained at `trainSize` and is used at `size`. */
export interface FixresSizes {
  trainSize: number;
  size: number;
}

/**
 * Side to which the Keras example resizes before it crops `size`: floor(size / trainSize * size).
 */
export function fixresResizeSide({ trainSize, size }: FixresSizes): number {
  checkSize('trainSize', trainSize);
  checkSize('size', size);
  if (size < trainSize) {
    throw new FixresDataError(
      'bad-option',
      `Option "size" is ${size}; it must be at least trainSize, which is ${trainSize}.`,
    );
  }
  return Math.floor((size / trainSize) * size);
}

/**
 * The Keras example's policy for evaluation at a larger size: squash to floor(size / trainSize *
 * size), then centre crop `size`. For 128 and 224 that is 392, then 224.
 */
export function fixresTest(sizes: FixresSizes): Policy {
  const crop: PolicyStep = { op: 'centerCrop', width: sizes.size, height: sizes.size };
  return squarePolicy('fixresTest', sizes.size, [squash(fixresResizeSide(sizes)), crop]);
}

/**
 * {@link fixresTest} with half of the images mirrored: the Keras example's policy for fine-tuning.
 */
export function fixresFinetune(sizes: FixresSizes): Policy {
  const test = fixresTest(sizes);
  return squarePolicy('fixresFinetune', sizes.size, [...test.steps, randomFlip]);
}
