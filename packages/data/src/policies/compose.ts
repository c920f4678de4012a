import { checkCorruption } from '../corruptions/check-corruption.ts';
import type { Corruption } from '../corruptions/corrupt.ts';
import { isAugmentName } from './augment/augment-names.ts';
import { type AugmentEntry, augmentStep } from './augment/augment-step-of.ts';
import { type ColorJitterOptions, colorJitterStep } from './color-jitter-step.ts';
import { randomFlip } from './make-policy.ts';
import type { Policy } from './policy.ts';

/** The policy with a horizontal flip of half of the images, before any augmentation. */
export function withRandomFlip(policy: Policy): Policy {
  const augmented = policy.steps.findIndex(({ op }) => isAugmentName(op));
  const at = augmented === -1 ? policy.steps.length : augmented;
  return {
    ...policy,
    name: `${policy.name}+flip`,
    steps: policy.steps.toSpliced(at, 0, randomFlip),
  };
}

/**
 * The policy followed by augmentations, in this order.
 *
 * @param entries names, or steps with some of their settings; the others have their defaults
 * @throws FixresDataError `bad-option` for an unknown name or setting, or a value out of range
 */
export function withAugment(policy: Policy, entries: readonly AugmentEntry[]): Policy {
  const steps = entries.map((entry, i) => augmentStep(entry, `augment[${i}]`));
  return {
    ...policy,
    name: [policy.name, ...steps.map(({ op }) => op)].join('+'),
    steps: [...policy.steps, ...steps],
  };
}

/** The policy followed by random colour changes, in random order. */
export function withColorJitter(policy: Policy, options: ColorJitterOptions): Policy {
  return {
    ...policy,
    name: `${policy.name}+jitter`,
    steps: [...policy.steps, colorJitterStep(options)],
  };
}

/**
 * The test policy with a corruption of ImageNet-C after it: the same for each pass over the images, and
 * another one for each image.
 *
 * @throws FixresDataError `bad-option` for an unknown corruption or severity
 */
export function withCorruption(policy: Policy, { corruption, severity }: Corruption): Policy {
  checkCorruption({ corruption, severity });
  return {
    ...policy,
    name: `${policy.name}+${corruption}-${severity}`,
    steps: [...policy.steps, { op: 'corrupt', corruption, severity }],
  };
}

/**
 * The policy with JPEG files decoded at a fraction of their size if that is enough; see
 * `Policy.shrinkOnLoad`.
 */
export function withShrinkOnLoad(policy: Policy): Policy {
  return { ...policy, shrinkOnLoad: true };
}
