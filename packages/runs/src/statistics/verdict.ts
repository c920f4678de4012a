import type { ComparisonRecord, Verdict } from '../events/events.ts';

/**
 * What a comparison of `a` with `b` allows to say about `a`. `better` and `worse` need an adjusted p-value under 0.05 and an
 * interval without 0: with several seeds the test asks about the images only, the interval also about other seeds, and a
 * difference that another seed could undo is not a finding.
 */
export function verdictOf({
  difference,
  pAdjusted,
  ci95,
}: Pick<ComparisonRecord, 'difference' | 'pAdjusted' | 'ci95'>): Verdict {
  if (pAdjusted >= 0.05 || (ci95[0] <= 0 && ci95[1] >= 0)) return 'not distinguishable';
  return difference > 0 ? 'better' : 'worse';
}
