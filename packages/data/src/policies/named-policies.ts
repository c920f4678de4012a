import { FixresDataError } from '../errors.ts';
import type { ImageSize } from '../geometry/image-size.ts';
import { shiftedCrop, shortSideCrop } from './fixres-authors.ts';
import {
  fixresFinetune,
  fixresTest,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
} from './keras-fixres.ts';
import type { Policy } from './policy.ts';
import { timmEval } from './timm-eval.ts';
import { randomResizedCrop, simpleRandomCrop } from './torchvision-crops.ts';

/** Sizes for a named policy. */
export interface NamedPolicySizes {
  /** Size of the output. */
  size: ImageSize;
  /** Size that the model was trained at; required by `fixresTest` and `fixresFinetune`. */
  trainSize?: ImageSize | undefined;
}

type Sizes = NamedPolicySizes;

/** Every policy that can be made from its name and sizes alone, one per line. */
const makers = {
  sampledBoundingBoxCrop: ({ size }: Sizes): Policy => sampledBoundingBoxCrop(size),
  randomResizedCrop: ({ size }: Sizes): Policy => randomResizedCrop(size),
  simpleRandomCrop: ({ size }: Sizes): Policy => simpleRandomCrop(size),
  resize: ({ size }: Sizes): Policy => resize(size),
  resizeFlip: ({ size }: Sizes): Policy => resizeFlip(size),
  fixresTest: ({ size, trainSize }: Sizes): Policy =>
    fixresTest({ size, trainSize: requireTrainSize('fixresTest', trainSize) }),
  fixresFinetune: ({ size, trainSize }: Sizes): Policy =>
    fixresFinetune({ size, trainSize: requireTrainSize('fixresFinetune', trainSize) }),
  shortSideCrop: ({ size }: Sizes): Policy => shortSideCrop(size),
  heightCrop: ({ size }: Sizes): Policy => shortSideCrop(size, { byHeight: true }),
  shiftedCrop: ({ size }: Sizes): Policy => shiftedCrop(size),
  heightShiftedCrop: ({ size }: Sizes): Policy => shiftedCrop(size, { byHeight: true }),
  'timmEval-center': ({ size }: Sizes): Policy => timmEval({ size }),
  'timmEval-squash': ({ size }: Sizes): Policy => timmEval({ size, mode: 'squash' }),
  'timmEval-border': ({ size }: Sizes): Policy => timmEval({ size, mode: 'border' }),
};

/** A name that {@link namedPolicy} accepts. */
export type PolicyName = keyof typeof makers;

/** All names that {@link namedPolicy} accepts. */
export const policyNames: readonly PolicyName[] = Object.keys(makers) as PolicyName[];

/**
 * Makes a policy by its name, with its defaults.
 *
 * @throws FixresDataError `bad-option` for an unknown name, a missing train size, or an invalid
 * size
 */
export function namedPolicy(name: string, sizes: NamedPolicySizes): Policy {
  if (!Object.hasOwn(makers, name)) {
    throw new FixresDataError(
      'bad-option',
      `Policy "${name}" does not exist; allowed are ${policyNames.join(', ')}.`,
    );
  }
  return makers[name as PolicyName](sizes);
}

function requireTrainSize(name: PolicyName, trainSize: ImageSize | undefined): ImageSize {
  if (trainSize !== undefined) return trainSize;
  throw new FixresDataError(
    'bad-option',
    `Policy "${name}" needs the size that the model was trained at as well ("trainSize").`,
  );
}
