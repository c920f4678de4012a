import { FixresRunsError } from '../errors.ts';
import { checkReduction, type HalvingSettings } from './halving-settings.ts';

/** How successive halving over epochs divides the training into rungs. */
export interface RungSettings extends HalvingSettings {
  /** Smallest number of epochs of the first rung. */
  minEpochs: number;
}

/**
 * The epochs after which successive halving over epochs compares arms: the last rung is the whole training, and
 * each earlier one has its epochs divided by the reduction, as long as that is at least `minEpochs`, and as
 * long as at least `survivors` arms reach the last rung. If the epochs are `minEpochs` times a power of the
 * reduction, these are the rungs of Li et al. 2020, section 3.1; other numbers are rounded.
 *
 * @param of the number of arms, and the epochs of each
 * @returns increasing numbers, at least two
 * @throws FixresRunsError `bad-option`
 */
export function halvingRungs(
  { arms, epochs }: { arms: number; epochs: number },
  settings: RungSettings,
): number[] {
  const { reduction, survivors, minEpochs } = settings;
  checkReduction(arms, settings);
  if (!(Number.isInteger(minEpochs) && minEpochs >= 1))
    throw bad(
      `The first rung of halving has at least ${minEpochs} epochs (option "minEpochs"); it must be a whole number of at least 1.`,
    );
  let steps = 0;
  while (
    epochs >= minEpochs * reduction ** (steps + 1) &&
    Math.floor(arms / reduction ** (steps + 1)) >= survivors
  )
    steps += 1;
  if (steps === 0)
    throw bad(
      `Halving of ${arms} arms with ${epochs} epochs has no rung before the last one: with a reduction of ${reduction} (option "reduction"), it needs at least ${survivors * reduction} arms (option "survivors") and ${minEpochs * reduction} epochs (option "minEpochs").`,
    );
  return Array.from({ length: steps + 1 }, (_, rung) =>
    Math.round(epochs / reduction ** (steps - rung)),
  );
}

function bad(message: string): FixresRunsError {
  return new FixresRunsError('bad-option', message);
}
