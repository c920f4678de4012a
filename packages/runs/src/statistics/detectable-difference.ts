import { type CorrectnessMatrix, matrixShape } from './correctness-matrix.ts';
import { discordance } from './discordance.ts';
import { normalQuantile } from './normal-quantile.ts';
import { smallestDetectable } from './smallest-detectable.ts';

/** Level of the whole family of tests, as in `verdictOf`. */
const LEVEL = 0.05;
const POWER = 0.8;

export interface ComparisonConditions {
  /** 95 % interval of the difference, see `comparePaired`. */
  ci95: readonly [number, number];
  /** How many comparisons Holm's correction is for, this one among them. */
  comparisons: number;
}

/**
 * Smallest true difference that a comparison finds with 80 % power under the conditions of its verdict (`verdictOf`).
 *
 * Of `m` comparisons Holm's first step tests the smallest p-value at 5 % / m, and that is the level here: the one that a difference
 * must pass which is alone among comparisons that find nothing. Where others are found too, later steps are milder, so a difference
 * of this size is found at least as often. It does not depend on what the others gave.
 *
 * With several seeds the verdict also needs the interval over images and seeds to leave out 0, which can be the harder condition
 * where seeds differ: then it decides, with the standard error that its width tells. (With one seed the interval asks about the images
 * alone, as the test does, and less strictly.)
 *
 * @returns the difference in 0..1; 1 when the images are too few for any.
 * @throws RangeError when the shapes differ or a value is neither 0 nor 1.
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
