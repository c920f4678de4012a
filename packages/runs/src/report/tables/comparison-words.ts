import type { ComparisonRecord } from '../../events/events.ts';
import { pEquation, pointsInterval } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';

/** The comparison from the side of the better arm, so that sentences need no negative gains. */
export function winnerFirst(comparison: ComparisonRecord): ComparisonRecord {
  if (comparison.difference >= 0) return comparison;
  const { a, b, difference, ci95, verdict } = comparison;
  const flipped = verdict === 'worse' ? 'better' : verdict;
  return {
    ...comparison,
    a: b,
    b: a,
    difference: -difference,
    ci95: [-ci95[1], -ci95[0]],
    verdict: flipped,
  };
}

export function standsOut({ verdict }: ComparisonRecord): boolean {
  return verdict !== 'not distinguishable';
}

/** The test policy, if it is not each arm's own. */
export function under({ policy }: ComparisonRecord): Html | null {
  return policy === 'own'
    ? null
    : html` (both evaluated under <span class="code">${policy}</span>)`;
}

/** The uncertainty of a difference: interval and p. */
export function evidence({ ci95, pAdjusted }: ComparisonRecord): string {
  return `95\u00a0% interval ${pointsInterval(ci95)}; adjusted ${pEquation(pAdjusted)}`;
}
