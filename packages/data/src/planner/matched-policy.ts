import { magnification } from '../geometry/view.ts';
import { type Policy, viewOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import type { TrainingViews } from './apparent-size.ts';

/** Crop sizes are multiples of this: networks halve their input's side several times, and steps of 5 % at 160 are fine enough. */
const STEP = 8;
/** Largest crop searched, in steps: 4096 pixels, where policies end. */
const MOST_STEPS = 512;

/**
 * The policy of a family whose mean apparent-size ratio is nearest to 1 (in logarithm), found by bisection over the crop size. The
 * family's magnifications grow with the crop size and are the same each time, as those of test policies are.
 */
export function matchedPolicy(
  training: TrainingViews,
  family: (cropSize: number) => Policy,
): Policy {
  const { groups, pixelSizes, seed } = training;
  const sums = pixelSizes.map((values) => values.reduce((sum, value) => sum + value, 0));
  const views = pixelSizes.reduce((sum, { length }) => sum + length, 0);
  const meanRatio = (steps: number): number => {
    const policy = family(steps * STEP);
    const sum = groups.reduce((total, group, rank) => {
      return (
        total + magnification(viewOf(policy, group, createRandom(seed, 'plan-view'))) * sums[rank]!
      );
    }, 0);
    return sum / views;
  };
  // Invariant: too small at `low` (or it is the smallest), large enough at `high` (or it is the largest).
  let low = 1;
  let high = MOST_STEPS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (meanRatio(middle) < 1) low = middle;
    else high = middle;
  }
  const distance = (steps: number): number => Math.abs(Math.log(meanRatio(steps)));
  return family((distance(low) <= distance(high) ? low : high) * STEP);
}
