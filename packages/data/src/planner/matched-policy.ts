import { type ImageSize, imageSizeOf, sidesOf } from '../geometry/image-size.ts';
import { magnification } from '../geometry/view.ts';
import { type Policy, viewOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import type { TrainingViews } from './apparent-size.ts';

/**
 * Crop sizes are multiples of this. Networks halve the side of their input several times, and steps
 * of 5 % at 160 pixels are fine enough.
 */
const STEP = 8;
/** Largest crop to search, in steps: 4096 pixels, the maximum of a policy. */
const MOST_STEPS = 512;

/**
 * The policy of a family whose mean apparent-size ratio is nearest to 1 (on a log scale), found by
 * bisection over the crop size, with the aspect ratio of the train size. The family's magnifications must grow with the crop size and be
 * deterministic, as for test policies.
 */
export function matchedPolicy(
  training: TrainingViews,
  trainSize: ImageSize,
  family: (cropSize: ImageSize) => Policy,
): Policy {
  const { groups, pixelSizes, seed } = training;
  const sums = pixelSizes.map((values) => values.reduce((sum, value) => sum + value, 0));
  const views = pixelSizes.reduce((sum, { length }) => sum + length, 0);
  const meanRatio = (steps: number): number => {
    const policy = family(sizeAt(trainSize, steps));
    const sum = groups.reduce((total, group, rank) => {
      return (
        total + magnification(viewOf(policy, group, createRandom(seed, 'plan-view'))) * sums[rank]!
      );
    }, 0);
    return sum / views;
  };
  // Invariant: `low` is too small (or the smallest), `high` is large enough (or the largest).
  let low = 1;
  let high = MOST_STEPS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (meanRatio(middle) < 1) low = middle;
    else high = middle;
  }
  const distance = (steps: number): number => Math.abs(Math.log(meanRatio(steps)));
  return family(sizeAt(trainSize, distance(low) <= distance(high) ? low : high));
}

/** The size with this number of steps on its longer side, shaped like the train size. */
function sizeAt(trainSize: ImageSize, steps: number): ImageSize {
  const { width, height } = sidesOf(trainSize);
  const longest = Math.max(width, height);
  const side = (length: number): number =>
    Math.max(1, Math.round((steps * length) / longest)) * STEP;
  return imageSizeOf({ height: side(height), width: side(width) });
}
