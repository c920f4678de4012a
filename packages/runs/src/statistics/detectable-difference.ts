import { type CorrectnessMatrix, matrixShape } from './correctness-matrix.ts';
import { discordance } from './paired/discordance.ts';
import { normalQuantile } from './normal-quantile.ts';
import { VERDICT_LEVEL as LEVEL } from './paired/verdict.ts';
import { smallestDetectable } from './smallest-detectable.ts';

const POWER = 0.8;

export interface ComparisonConditions {
  /** 95 % interval of the difference, see `comparePaired`. */
  ci95: readonly [number, number];
  /** Number of comparisons in Holm's correction, including this one. */
  comparisons: number;
}

/**
 * Smallest true difference that a comparison finds with 80 % power under the conditions of its
 * verdict (`verdictOf`).
 *
 * Of `m` comparisons, Holm's first step tests the smallest p-value at 5 % / m. This is the level
 * here, the one for a difference that is alone among comparisons that find nothing. If others are
 * found too, later steps are milder, so a difference of this size is found at least as often. The
 * result does not depend on the other comparisons.
 *
 * With several seeds, the verdict also needs the interval over images and seeds to exclude 0, which
 * can be the harder condition if seeds differ: then it decides, with the standard error that
 * follows from its width. (With one seed, the interval covers only the images, like the test, and
 * is less strict.)
 *
 * @returns the difference in 0..1; 1 if the images are too few for any.
 * @throws RangeError if the shapes differ or a value is neither 0 nor 1.
 */
export function detectableDifference(
  a: CorrectnessMatrix,
  b: CorrectnessMatrix,
  { ci95: [low, high], comparisons }: ComparisonConditions,
): number {
  const { seeds, images } = matrixShape('a', a);
  const byTest = smallestDetectable({
    images,
    discordance: discordance(a, b),
    power: POWER,
    alpha: LEVEL / comparisons,
  });
  if (seeds === 1) return byTest;
  const z = normalQuantile(1 - LEVEL / 2);
  const byInterval = ((high - low) / (2 * z)) * (z + normalQuantile(POWER));
  return Math.min(1, Math.max(byTest, byInterval));
}
