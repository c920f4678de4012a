import { FixresDataError } from '../errors.ts';
import { fixresFinetune, fixresTest, resize, resizeFlip, sampledBoundingBoxCrop } from './keras-fixres.ts';
import type { Policy } from './policy.ts';
import { shortSideTest } from './short-side-test.ts';

export interface PolicySizes {
  /** Side of the output in pixels. */
  size: number;
  /** Side at which the model was trained; the FixRes policies need it. */
  trainSize?: number | undefined;
}

/** A policy that is made from its name and sizes. */
export interface NamedPolicy {
  /** What it does, in a few words. */
  summary: string;
  needsTrainSize: boolean;
  make: (sizes: { size: number; trainSize: number }) => Policy;
}

/** Every policy that has a name of its own. */
export const namedPolicies: Readonly<Record<string, NamedPolicy>> = {
  sampledBoundingBoxCrop: {
    summary: 'random crop of 5 to 100 % of the area, mirrored half of the time; training in the Keras example',
    needsTrainSize: false,
    make: ({ size }) => sampledBoundingBoxCrop(size),
  },
  resize: { summary: 'the whole image, squashed to a square', needsTrainSize: false, make: ({ size }) => resize(size) },
  resizeFlip: { summary: 'the same, mirrored half of the time', needsTrainSize: false, make: ({ size }) => resizeFlip(size) },
  shortSideTest: {
    summary: 'shorter side to 256/224 of the size, centre crop; test of the FixRes authors',
    needsTrainSize: false,
    make: ({ size }) => shortSideTest(size),
  },
  fixresTest: {
    summary: 'squashed to size / train size * size, centre crop; test in the Keras example',
    needsTrainSize: true,
    make: (sizes) => fixresTest(sizes),
  },
  fixresFinetune: {
    summary: 'the same, mirrored half of the time; fine-tuning in the Keras example',
    needsTrainSize: true,
    make: (sizes) => fixresFinetune(sizes),
  },
};

/**
 * Makes the policy with this name.
 *
 * @throws FixresDataError `bad-option` for an unknown name, a missing train size and sizes that make no sense
 */
export function policyByName(name: string, { size, trainSize }: PolicySizes): Policy {
  const named = Object.hasOwn(namedPolicies, name) ? namedPolicies[name] : undefined;
  if (!named) {
    const names = Object.keys(namedPolicies).join(', ');
    throw new FixresDataError('bad-option', `There is no policy "${name}"; allowed are ${names}.`);
  }
  if (named.needsTrainSize && trainSize === undefined) {
    throw new FixresDataError('bad-option', `Policy "${name}" needs the size that the model was trained at as well ("trainSize").`);
  }
  return named.make({ size, trainSize: trainSize ?? size });
}
