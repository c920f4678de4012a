import type { ComparisonRecord, Verdict } from '../../events/events.ts';

/** Level of the whole family of tests, and of the interval. */
export const VERDICT_LEVEL = 0.05;

/**
 * The conclusion of a comparison of `a` with `b` about `a`. `better` and `worse` need an adjusted
 * p-value under 0.05 and an interval without 0: with several seeds the test covers only the images,
 * the interval also other seeds, and a difference that another seed could reverse is not a finding.
 */
export function verdictOf({
  difference,
  pAdjusted,
  ci95,
}: Pick<ComparisonRecord, 'difference' | 'pAdjusted' | 'ci95'>): Verdict {
  if (pAdjusted >= VERDICT_LEVEL || (ci95[0] <= 0 && ci95[1] >= 0)) return 'not distinguishable';
  return difference > 0 ? 'better' : 'worse';
}
