import { FixresDataError } from '../errors.ts';
import { isAugmentName } from './augment/augment-names.ts';
import { type AugmentEntry, augmentStep } from './augment/augment-step-of.ts';
import { checkRange, randomFlip } from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { ColorJitterStep, PolicyStep } from './policy-step.ts';

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

/** How far each property may change, as in torchvision's `ColorJitter`. */
export interface ColorJitterOptions {
  /** Factors within 1 - b .. 1 + b, never below 0. Default 0, as for the others. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
  /** Hue rotations within -h .. h, as fractions of the colour circle; at most 0.5. */
  hue?: number;
}

/** The policy followed by random colour changes, in random order. */
export function withColorJitter(policy: Policy, options: ColorJitterOptions): Policy {
  return {
    ...policy,
    name: `${policy.name}+jitter`,
    steps: [...policy.steps, colorJitterStep(options)],
  };
}

function colorJitterStep({
  brightness = 0,
  contrast = 0,
  saturation = 0,
  hue = 0,
}: ColorJitterOptions): PolicyStep {
  const step: ColorJitterStep = { op: 'colorJitter' };
  for (const [name, strength] of Object.entries({ brightness, contrast, saturation })) {
    if (!(strength >= 0 && Number.isFinite(strength))) {
      throw new FixresDataError(
        'bad-option',
        `Option "${name}" is ${strength}; it must be a number of at least 0.`,
      );
    }
    if (strength > 0)
      step[name as 'brightness' | 'contrast' | 'saturation'] = [
        Math.max(0, 1 - strength),
        1 + strength,
      ];
  }
  checkRange('hue', [-hue, hue], -0.5, 0.5);
  if (hue > 0) step.hue = [-hue, hue];
  return step;
}

/**
 * The policy with JPEG files decoded at a fraction of their size if that is enough; see
 * `Policy.shrinkOnLoad`.
 */
export function withShrinkOnLoad(policy: Policy): Policy {
  return { ...policy, shrinkOnLoad: true };
}
