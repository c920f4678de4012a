import { FixresDataError } from '../errors.ts';

/**
 * How the images of a batch are mixed, with timm's names in our case: `mixup_alpha`, `cutmix_alpha`,
 * `prob` and `switch_prob` of its `Mixup` in batch mode.
 */
export interface MixSettings {
  /** Parameter of Beta(alpha, alpha), from which Mixup draws the weight. Default: no Mixup. */
  mixup?: number;
  /** Parameter of Beta(alpha, alpha), from which CutMix draws the area. Default: no CutMix. */
  cutmix?: number;
  /** Probability that a batch is mixed, 0 to 1. Default 1. */
  probability?: number;
  /** With both: probability of CutMix instead of Mixup, 0 to 1. Default 0.5. */
  switchProbability?: number;
}

/** Defaults of settings that are not off. */
export const mixDefaults = { probability: 1, switchProbability: 0.5 } as const;

/** Allowed alphas: with the largest, weights are practically always one half. */
export const mixAlphaRange = { low: 1e-3, high: 1000 } as const;

/**
 * @throws FixresDataError `bad-option` unless at least one alpha is given and all settings are in
 * their ranges
 */
export function checkMixSettings(settings: MixSettings): void {
  const { mixup, cutmix, probability, switchProbability } = settings;
  for (const [name, alpha] of Object.entries({ mixup, cutmix })) {
    const { low, high } = mixAlphaRange;
    if (alpha === undefined || (alpha >= low && alpha <= high)) continue;
    throw bad(`mix.${name}`, alpha, `a number from ${low} to ${high}`);
  }
  for (const [name, value] of Object.entries({ probability, switchProbability })) {
    if (value === undefined || (value >= 0 && value <= 1)) continue;
    throw bad(`mix.${name}`, value, 'a number from 0 to 1');
  }
  if (mixup === undefined && cutmix === undefined) {
    throw new FixresDataError(
      'bad-option',
      'Option "mix" has neither "mixup" nor "cutmix"; it must have at least one.',
    );
  }
}

function bad(option: string, value: number, allowed: string): FixresDataError {
  return new FixresDataError(
    'bad-option',
    `Option "${option}" is ${value}; it must be ${allowed}.`,
  );
}
