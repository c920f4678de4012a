import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { evidence, standsOut, under, winnerFirst } from '../tables/comparison-words.ts';
import { percent, percentInterval, pointsLong } from './format.ts';
import { html, type Html } from './html.ts';
import { ownEvaluation } from './run-facts.ts';

/**
 * The comparison that the run was made for: the first one of arms under their own test policies, which is what each of them is good for.
 * Other policies only explain it. What stands out elsewhere does not take its place: that would be choosing the question by its answer.
 */
function mainComparison(comparisons: readonly ComparisonRecord[]): ComparisonRecord | undefined {
  return comparisons.find(({ policy }) => policy === 'own') ?? comparisons[0];
}

/** What the run found, with its uncertainty; that nothing was found, where that is so. */
export function headline({ arms, comparisons }: Summary): Html {
  const main = mainComparison(comparisons);
  if (main === undefined) {
    const arm = arms[0]!;
    if (arms.length > 1) return html`The arms were not compared with each other.`;
    const { accuracy, ci95 } = ownEvaluation(arm);
    return html`<b>${arm.name}</b> gets ${percent(accuracy)} of the held-out images right (95 % interval ${percentInterval(ci95)}).`;
  }
  const seen = winnerFirst(main);
  const { a, b, difference, verdict } = seen;
  return verdict === 'better'
    ? html`<b>${a}</b> beats <b>${b}</b>${under(main)} by ${pointsLong(difference)}. <span class="evidence">${evidence(seen)}.</span>`
    : html`<b>${a}</b> and <b>${b}</b>${under(main)} are not distinguishable. <span class="evidence">They differ by ${pointsLong(difference)}: ${evidence(seen)}.</span>`;
}

/** Where the comparison of the headline is inside the noise, the first that is not: under the arms' own policies if there is one. */
export function otherFinding({ comparisons }: Summary): Html | null {
  const main = mainComparison(comparisons);
  if (main === undefined || standsOut(main)) return null;
  const clear = comparisons.filter(standsOut);
  const found = clear.find(({ policy }) => policy === 'own') ?? clear[0];
  if (found === undefined) return null;
  const seen = winnerFirst(found);
  return html`Another difference does stand out: <b>${seen.a}</b> beats <b>${seen.b}</b>${under(found)} by ${pointsLong(seen.difference)} (${evidence(seen)}).`;
}
