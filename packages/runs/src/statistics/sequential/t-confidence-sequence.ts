/**
 * Variance of the prior of the effect size, in squared standard deviations. With 4, sequences are
 * narrowest at 5 to 10 values; they begin with the fourth.
 */
const PRIOR_VARIANCE = 4;

export interface ConfidenceSequenceOptions {
  /** Probability that any of the intervals misses the mean, in the open interval (0, 1). Default 0.05. */
  level?: number;
  /** Smallest standard deviation to assume, at least 0. Default 0. */
  leastSd?: number;
}

/**
 * Confidence sequence of a mean: intervals that hold at all numbers of values together, so that
 * looking after every value and stopping when the interval is narrow enough, or excludes 0, does
 * not make it wrong. This is the interval after the given values.
 *
 * The values are assumed to be independent and normal, with an unknown standard deviation, as the
 * differences of two arms over seeds are nearly: each is a mean over many images. With n values of
 * mean m and standard deviation s, m0 is in the interval unless the t statistic of m - m0 has a
 * Bayes factor of at least 1 / level against it, with a normal prior of variance g = 4 on the effect
 * size:
 *
 *     (1 + n g)^(-1/2) * ((1 + x) / (1 + x / (1 + n g)))^(n / 2) >= 1 / level,  x = t^2 / (n - 1)
 *
 * That factor is a martingale if m0 is the mean, so by Ville's inequality it ever reaches 1 / level
 * with at most this probability. Without normality one would need the bound of a difference, 1; the
 * interval of twenty seeds would then be about 40 points wide.
 *
 * Source: H. Wang and A. Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian means
 * with unknown variance", Sequential Analysis 44 (2025), arXiv 2310.03722; M. F. Perez-Ortiz et
 * al., "E-statistics, group invariance and anytime-valid testing", Annals of Statistics 52 (2024),
 * for the factor as a martingale.
 *
 * @param values at least one, finite
 * @returns the ends; infinite with three values or fewer
 * @throws RangeError if there are no values, or an option is outside its range
 */
export function tConfidenceSequence(
  values: readonly number[],
  { level = 0.05, leastSd = 0 }: ConfidenceSequenceOptions = {},
): [low: number, high: number] {
  const n = values.length;
  if (n === 0) throw new RangeError('values must contain at least one number.');
  if (!(level > 0 && level < 1))
    throw new RangeError(`level must be between 0 and 1, got ${level}.`);
  if (!(leastSd >= 0)) throw new RangeError(`leastSd must be at least 0, got ${leastSd}.`);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const growth = 1 + n * PRIOR_VARIANCE;
  const limit = (growth / level ** 2) ** (1 / n);
  if (n < 2 || limit >= growth) return [-Infinity, Infinity];
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = Math.max(leastSd, Math.sqrt(squares / (n - 1)));
  const half = sd * Math.sqrt((((n - 1) / n) * (limit - 1)) / (1 - limit / growth));
  return [mean - half, mean + half];
}
