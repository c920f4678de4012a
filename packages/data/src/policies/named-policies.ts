import { FixresDataError } from '../errors.ts';
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
import { randomResizedCrop } from './torchvision-crops.ts';

/** Sizes a named policy is made for. */
export interface NamedPolicySizes {
  /** Side of what comes out, in pixels. */
  size: number;
  /** Side that the model was trained at; `fixresTest` and `fixresFinetune` need it. */
  trainSize?: number | undefined;
}

/** A policy that can be made from its name and sizes alone. */
export type PolicyName =
  | 'sampledBoundingBoxCrop'
  | 'randomResizedCrop'
  | 'resize'
  | 'resizeFlip'
  | 'fixresTest'
  | 'fixresFinetune'
  | 'shortSideCrop'
  | 'heightCrop'
  | 'shiftedCrop'
  | 'heightShiftedCrop'
  | 'timmEval-center'
  | 'timmEval-squash'
  | 'timmEval-border';

const makers: Record<PolicyName, (sizes: NamedPolicySizes) => Policy> = {
  sampledBoundingBoxCrop: ({ size }) => sampledBoundingBoxCrop(size),
  randomResizedCrop: ({ size }) => randomResizedCrop(size),
  resize: ({ size }) => resize(size),
  resizeFlip: ({ size }) => resizeFlip(size),
  fixresTest: ({ size, trainSize }) =>
    fixresTest({ size, trainSize: requireTrainSize('fixresTest', trainSize) }),
  fixresFinetune: ({ size, trainSize }) =>
    fixresFinetune({ size, trainSize: requireTrainSize('fixresFinetune', trainSize) }),
  shortSideCrop: ({ size }) => shortSideCrop(size),
  heightCrop: ({ size }) => shortSideCrop(size, { byHeight: true }),
  shiftedCrop: ({ size }) => shiftedCrop(size),
  heightShiftedCrop: ({ size }) => shiftedCrop(size, { byHeight: true }),
  'timmEval-center': ({ size }) => timmEval({ size }),
  'timmEval-squash': ({ size }) => timmEval({ size, mode: 'squash' }),
  'timmEval-border': ({ size }) => timmEval({ size, mode: 'border' }),
};

/** All names that {@link namedPolicy} takes. */
export const policyNames: readonly PolicyName[] = Object.keys(makers) as PolicyName[];

/**
 * Makes a policy by its name, with its defaults.
 *
 * @throws FixresDataError `bad-option` for an unknown name, a missing train size and sizes that are not allowed
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

function requireTrainSize(name: PolicyName, trainSize: number | undefined): number {
  if (trainSize !== undefined) return trainSize;
  throw new FixresDataError(
    'bad-option',
    `Policy "${name}" needs the size that the model was trained at as well ("trainSize").`,
  );
}
