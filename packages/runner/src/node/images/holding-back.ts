import { FixresDataError } from '@fixres/data';
import {
  classesWithout,
  type Example,
  type HeldBack,
  holdBack,
  type Split,
} from '@fixres/data/node';
import type { DatasetChoice } from '@fixres/runs';

/** The images of a run by what they are for; no image is in two parts. */
export interface ImageParts {
  train: Example[];
  /** Those that arms are evaluated on: with `evaluateOn: 'heldBack'`, images that are held back. */
  heldOut: Example[];
  /** Training images that are held back to choose thresholds. */
  thresholds: Example[];
  /** Training images that are held back to choose sizes; none if arms are evaluated on them. */
  sizes: Example[];
}

/** How images are held back. */
interface HoldingBackOptions {
  classNames: readonly string[];
  /** Images with the same pixels, which stay together. Default: none is known. */
  duplicates?: readonly (readonly Example[])[];
}

/**
 * Holds training images back for thresholds, and of the others for sizes or for the choice among arms.
 *
 * @throws FixresDataError `bad-option`; `too-few-images` if none would be held back, or none of a class
 * trained on
 */
export function holdingBack(
  split: Split,
  {
    tuneThresholds,
    holdBack: share,
    evaluateOn,
  }: Pick<DatasetChoice, 'tuneThresholds' | 'holdBack' | 'evaluateOn'>,
  options: HoldingBackOptions,
): ImageParts {
  const { train: others, heldBack: thresholds } = withHeldBack(split.train, {
    share: tuneThresholds,
    option: 'tuneThresholds',
    what: 'thresholds',
    ...options,
  });
  const { train, heldBack } = withHeldBack(others, {
    share,
    option: 'holdBack',
    what: 'sizes',
    ...options,
  });
  if (evaluateOn !== 'heldBack')
    return { train, heldOut: split.heldOut, thresholds, sizes: heldBack };
  if (heldBack.length === 0)
    throw new FixresDataError(
      'bad-option',
      'Arms are evaluated on images that are held back (option "evaluateOn"), and none is; set "holdBack", for example to 0.1.',
    );
  return { train, heldOut: heldBack, thresholds, sizes: [] };
}

/** Holds back a fraction of the training images as {@link holdBack} does. */
function withHeldBack(
  images: Example[],
  {
    share,
    option,
    what,
    classNames,
    duplicates,
  }: HoldingBackOptions & {
    share: number | undefined;
    option: string;
    /** What the images are for. */
    what: string;
  },
): HeldBack {
  if (share === undefined) return { train: images, heldBack: [] };
  if (!(share > 0 && share < 1))
    throw new FixresDataError(
      'bad-option',
      `The fraction of images for ${what} is ${share} (option "${option}"); it must be between 0 and 1.`,
    );
  const count = Math.round(images.length * share);
  const { train, heldBack } =
    count === 0 ? { train: images, heldBack: [] } : holdBack(images, count, duplicates);
  if (heldBack.length === 0 || train.length === 0)
    throw new FixresDataError(
      'too-few-images',
      `The fraction ${share} for ${what} (option "${option}") holds back ${heldBack.length} of ${images.length} training images; at least one must be held back, and one trained on.`,
    );
  const [untrained] = classesWithout(train, classNames);
  if (untrained !== undefined)
    throw new FixresDataError(
      'too-few-images',
      `The fraction ${share} for ${what} (option "${option}") holds back all training images of class "${untrained}"; it must be smaller.`,
    );
  return { train, heldBack };
}
