import { FixresDataError } from '../errors.ts';
import { type ImageSize, imageSizeOf, imageSizeText, sidesOf } from '../geometry/image-size.ts';
import { checkSize, makePolicy, randomFlip, squashStep } from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling } from './policy-step.ts';

/** The resampling of `tf.image.resize`. */
const tensorflowBilinear: Resampling = { interpolation: 'bilinear', antialias: false };

const squash = (size: ImageSize): PolicyStep => squashStep(size, tensorflowBilinear);

/**
 * The train policy of the Keras example "FixRes" (2021): a crop of 5 % to 100 % of the area with
 * aspect ratio 0.75 to 1.33, at most 100 attempts, resized without antialiasing to `size`; half of
 * the images are mirrored. The aspect ratio of a crop does not follow that of a rectangular size.
 */
export function sampledBoundingBoxCrop(size: ImageSize): Policy {
  checkSize('size', size);
  const crop: PolicyStep = {
    op: 'sampledBoundingBoxCrop',
    area: [0.05, 1],
    aspectRatio: [0.75, 1.33],
    maxAttempts: 100,
  };
  return makePolicy('sampledBoundingBoxCrop', size, [crop, squash(size), randomFlip]);
}

/** The whole image, squashed to `size`: the Keras example's validation policy. */
export function resize(size: ImageSize): Policy {
  checkSize('size', size);
  return makePolicy('resize', size, [squash(size)]);
}

/** {@link resize} with half of the images mirrored: test-like views for training. */
export function resizeFlip(size: ImageSize): Policy {
  checkSize('size', size);
  return makePolicy('resizeFlip', size, [squash(size), randomFlip]);
}

/** Sizes of the FixRes step: the model was trained at `trainSize` and is used at `size`. */
export interface FixresSizes {
  trainSize: ImageSize;
  size: ImageSize;
}

/**
 * Size to which the Keras example resizes before it crops `size`: floor(size / trainSize * size),
 * for height and width by themselves.
 *
 * @throws FixresDataError `bad-option` if a side is smaller than in training
 */
export function fixresResizeSize({ trainSize, size }: FixresSizes): ImageSize {
  checkSize('trainSize', trainSize);
  checkSize('size', size);
  const [train, test] = [sidesOf(trainSize), sidesOf(size)];
  if (test.height < train.height || test.width < train.width) {
    throw new FixresDataError(
      'bad-option',
      `Option "size" is ${imageSizeText(size)}; it must be at least trainSize, which is ${imageSizeText(trainSize)}.`,
    );
  }
  return imageSizeOf({
    height: Math.floor((test.height / train.height) * test.height),
    width: Math.floor((test.width / train.width) * test.width),
  });
}

/**
 * The Keras example's policy for evaluation at a larger size: squash to floor(size / trainSize *
 * size), then centre crop `size`. For 128 and 224 that is 392, then 224.
 */
export function fixresTest(sizes: FixresSizes): Policy {
  const resized = squash(fixresResizeSize(sizes));
  const { width, height } = sidesOf(sizes.size);
  return makePolicy('fixresTest', sizes.size, [resized, { op: 'centerCrop', width, height }]);
}

/**
 * {@link fixresTest} with half of the images mirrored: the Keras example's policy for fine-tuning.
 */
export function fixresFinetune(sizes: FixresSizes): Policy {
  const test = fixresTest(sizes);
  return makePolicy('fixresFinetune', sizes.size, [...test.steps, randomFlip]);
}
