import { normalQuantile } from '../normal-quantile.ts';

/** Images on which two classifiers differ. */
export interface DiscordantCounts {
  /** Number of images that only the first classifier classifies correctly. */
  onlyA: number;
  /** Number of images that only the second classifies correctly. */
  onlyB: number;
  /** Number of all images, at least 1. */
  images: number;
}

/**
 * One-sided lower confidence bound of accuracy(a) - accuracy(b) on the same images, by inverting
 * Tango's score test. Unlike the normal approximation and the bootstrap, it keeps its level if few
 * or no images differ: `a` is not inferior to `b` by more than a margin if the bound is above
 * -margin.
 *
 * Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions for
 * the paired-sample design", Statistics in Medicine 17 (1998).
 *
 * @param confidence in the open interval (0.5, 1). Default 0.95.
 * @returns the bound, -1..1, at most the observed difference.
 * @throws RangeError for impossible counts, or a confidence outside the range.
 */
export function differenceLowerBound(counts: DiscordantCounts, confidence = 0.95): number {
  const { onlyA, onlyB, images } = counts;
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`${name} must be an integer of at least 0, got ${value}.`);
  }
  if (images < 1 || onlyA + onlyB > images)
    throw new RangeError(`images must be at least 1 and ${onlyA + onlyB}, got ${images}.`);
  if (!(confidence > 0.5 && confidence < 1))
    throw new RangeError(`confidence must be between 0.5 and 1, got ${confidence}.`);
  const critical = normalQuantile(confidence);
  const observed = (onlyA - onlyB) / images;
  let [low, high] = [-1, observed];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (scoreStatistic(counts, middle) > critical) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Two-sided confidence interval of accuracy(a) - accuracy(b), by the same test.
 *
 * @param confidence in the open interval (0, 1). Default 0.95.
 * @returns `[low, high]`, -1..1.
 * @throws RangeError as {@link differenceLowerBound}
 */
export function differenceInterval(counts: DiscordantCounts, confidence = 0.95): [number, number] {
  const { onlyA, onlyB, images } = counts;
  const eachSide = (1 + confidence) / 2;
  const mirrored = { onlyA: onlyB, onlyB: onlyA, images };
  return [differenceLowerBound(counts, eachSide), -differenceLowerBound(mirrored, eachSide)];
}

/**
 * The observed difference in standard errors above an assumed one, with the variance under the most
 * likely probabilities that have the assumed difference.
 */
function scoreStatistic({ onlyA, onlyB, images: n }: DiscordantCounts, assumed: number): number {
  const spread = assumed * (1 - assumed);
  const b = (2 * n - onlyA + onlyB) * assumed - onlyA - onlyB;
  // Most likely probability that only the second classifier is correct.
  const q = (Math.sqrt(Math.max(0, b * b + 8 * n * onlyB * spread)) - b) / (4 * n);
  const variance = (2 * q + spread) / n;
  const above = (onlyA - onlyB) / n - assumed;
  return variance > 0 ? above / Math.sqrt(variance) : Infinity;
}
