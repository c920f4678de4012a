import type { PairedSeeds, Verdict } from '../../events/events.ts';
import type { BootstrapOptions } from '../bootstrap-interval.ts';
import type { CorrectnessMatrix } from '../correctness-matrix.ts';
import { detectableDifference } from '../detectable-difference.ts';
import { holmAdjust } from './holm.ts';
import { compareOverSeeds } from '../over-seeds.ts';
import { comparePaired, type PairedComparison } from './paired-comparison.ts';
import { verdictOf } from './verdict.ts';

/** One of several comparisons, corrected for their number. */
export interface CorrectedComparison extends PairedComparison {
  /** `p` corrected by Holm for all comparisons. */
  pAdjusted: number;
  verdict: Verdict;
  /** Smallest true difference (0..1) that is found with 80 % power under the conditions of the verdict, see `detectableDifference`. */
  smallestDetectable: number;
  /**
   * Per seed, its p-value also corrected by Holm. For information only; the verdict does not depend
   * on it.
   */
  overSeeds: PairedSeeds & { pAdjusted: number | null };
}

/** Two arms with their correctness under the same number of seeds, on the same images. */
export interface ComparedPair {
  a: CorrectnessMatrix;
  b: CorrectnessMatrix;
  /**
   * Whether the rows of both are of the same seeds; otherwise nothing is tested over seeds. Default
   * true.
   */
  sameSeeds?: boolean;
}

/**
 * Compares pairs of arms on the same held-out images: over images (McNemar or sign flips, with the
 * bootstrap's interval), and over seeds. Each family of tests is corrected for the number of
 * comparisons.
 *
 * @throws RangeError if shapes differ or a value is neither 0 nor 1
 */
export function comparePairs(
  pairs: readonly ComparedPair[],
  options: BootstrapOptions = {},
): CorrectedComparison[] {
  const overImages = pairs.map(({ a, b }) => comparePaired(a, b, options));
  const overSeeds = pairs.map(({ a, b, sameSeeds = true }) => ({
    ...compareOverSeeds(a, b),
    ...(!sameSeeds && { ci95: null, p: null }),
  }));
  const adjusted = holmAdjust(overImages.map(({ p }) => p));
  const tested = [...overSeeds.keys()].filter((i) => overSeeds[i]!.p !== null);
  const testedAdjusted = holmAdjust(tested.map((i) => overSeeds[i]!.p!));
  const seedsAdjusted = new Map(tested.map((i, rank) => [i, testedAdjusted[rank]!]));
  return overImages.map((comparison, i) => {
    const { a, b } = pairs[i]!;
    const pAdjusted = adjusted[i]!;
    return {
      ...comparison,
      pAdjusted,
      verdict: verdictOf({ ...comparison, pAdjusted }),
      smallestDetectable: detectableDifference(a, b, {
        ci95: comparison.ci95,
        comparisons: pairs.length,
      }),
      overSeeds: { ...overSeeds[i]!, pAdjusted: seedsAdjusted.get(i) ?? null },
    };
  });
}
