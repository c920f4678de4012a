import { VERDICT_LEVEL as LEVEL } from '../paired/verdict.ts';
import { binomialAtLeast, fewestInFavour } from '../binomial-at-least.ts';
import { normalProbability } from '../normal-probability.ts';
import { normalQuantile } from '../normal-quantile.ts';
import type { DifferenceVariance } from './difference-variance.ts';

/** A comparison of two arms that is planned. */
export interface PlannedComparison {
  /** Number of held-out images, an integer of at least 1. */
  images: number;
  /** Number of seeds of each arm, an integer of at least 1. */
  seedCount: number;
  /** Variation of the difference that is expected, see `differenceVariance`. */
  variance: DifferenceVariance;
  /** Number of comparisons in Holm's correction, including this one. Default 1. */
  comparisons?: number;
}

/**
 * Probability that a comparison finds a true difference, under the conditions of its verdict
 * (`verdictOf`): the test over images at 5 % / m, the first step of Holm's correction for m
 * comparisons, and with several seeds also an interval over images and seeds that excludes 0.
 *
 * The estimated difference is taken as normal around the true one, with the variance of
 * `DifferenceVariance`. It is found if it exceeds both
 *
 * - `z(1 - 0.05 / 2m) * sqrt(psi / N) + 1 / (N * S)`, what the paired test requires; `psi` is the
 *   mean square of an image's difference, see `discordance`. With one seed this is Connor's formula
 *   with a continuity correction, which makes it agree with the exact test.
 * - `z(0.975) * sqrt(v)`, half of the width of the bootstrap's interval; `v` is the expectation of
 *   its variance. Resampling both images and seeds counts the residual nearly three times, so this
 *   is more than the variance of the estimate.
 *
 * Nor is it found if too few images differ: even if all of them favour one arm, the test needs a number of
 * them. As many differ as with one seed, at least.
 *
 * No difference can exceed the disagreement. If it would, the variation is changed to the nearest
 * possible one.
 *
 * Sources: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
 * design", Biometrics 43 (1987); A. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics
 * 1 (2007), for the variance of the bootstrap.
 *
 * @param difference true difference of the accuracies, above 0, at most 1.
 * @returns the probability, 0..1.
 * @throws RangeError for a value outside its range.
 */
export function pairedPower(difference: number, planned: PlannedComparison): number {
  const { images: n, seedCount: s, comparisons = 1 } = planned;
  checkPlanned(planned);
  if (!(difference > 0 && difference <= 1))
    throw new RangeError(`difference must be above 0 and at most 1, got ${difference}.`);
  const variance = possibleVariance(planned.variance, difference);
  const { overImages, overSeeds, residual } = variance;
  const alpha = LEVEL / comparisons;
  const psi = difference ** 2 + overImages + (overSeeds + residual) / s;
  const discordance = difference ** 2 + overImages + overSeeds + residual;
  const byTest = normalQuantile(1 - alpha / 2) * Math.sqrt(psi / n) + 1 / (n * s);
  const byInterval = normalQuantile(1 - LEVEL / 2) * Math.sqrt(bootstrapVariance(variance, n, s));
  const sd = Math.sqrt(overImages / n + overSeeds / s + residual / (n * s));
  const surplus = difference - Math.max(byTest, byInterval);
  const power = sd > 0 ? normalProbability(surplus / sd) : Number(surplus > 0);
  return Math.min(power, binomialAtLeast(fewestInFavour(alpha), n, discordance));
}

/**
 * The variation that is possible with a difference `d`, because no image differs by more than 1:
 * the disagreement is at least `d`, and at most 1.
 */
function possibleVariance(variance: DifferenceVariance, difference: number): DifferenceVariance {
  const { overImages, overSeeds, residual } = variance;
  const total = overImages + overSeeds + residual;
  const [least, most] = [difference - difference ** 2, 1 - difference ** 2];
  if (total < least) return { ...variance, overImages: overImages + least - total };
  if (total <= most) return variance;
  const factor = most / total;
  return {
    overImages: overImages * factor,
    overSeeds: overSeeds * factor,
    residual: residual * factor,
  };
}

/** Expected variance of the resampled means of `bootstrapInterval`. */
function bootstrapVariance(
  { overImages, overSeeds, residual }: DifferenceVariance,
  n: number,
  s: number,
): number {
  const [ofImages, ofSeeds] = [1 - 1 / n, 1 - 1 / s];
  return (
    (ofImages * overImages) / n +
    (ofSeeds * overSeeds) / s +
    ((ofImages + ofSeeds + ofImages * ofSeeds) * residual) / (n * s)
  );
}

function checkPlanned({ images, seedCount, comparisons = 1 }: PlannedComparison): void {
  for (const [name, value] of Object.entries({ images, seedCount, comparisons })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be an integer of at least 1, got ${value}.`);
  }
}

/**
 * Smallest true difference that a comparison finds with the given power, see `pairedPower`.
 *
 * @param power in the open interval (0, 1).
 * @returns the difference in 0..1; null if none is found often enough.
 */
export function smallestDifference(planned: PlannedComparison, power: number): number | null {
  checkPower(power);
  if (pairedPower(1, planned) < power) return null;
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (pairedPower(middle, planned) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/** More images than any data set has. */
const MOST_IMAGES = 2 ** 40;

/**
 * Number of held-out images with which a comparison finds a true difference with the given power,
 * see `pairedPower`.
 *
 * @param difference true difference of the accuracies, above 0, at most 1.
 * @param power in the open interval (0, 1).
 * @returns null if seeds deviate so much that no number of images is enough.
 */
export function imagesNeeded(
  difference: number,
  planned: Omit<PlannedComparison, 'images'>,
  power: number,
): number | null {
  checkPower(power);
  const isEnough = (images: number): boolean =>
    pairedPower(difference, { ...planned, images }) >= power;
  let high = 1;
  while (!isEnough(high)) {
    high *= 2;
    if (high > MOST_IMAGES) return null;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function checkPower(power: number): void {
  if (!(power > 0 && power < 1))
    throw new RangeError(`power must be between 0 and 1, got ${power}.`);
}
