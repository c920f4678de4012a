import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { evidence, standsOut, under, winnerFirst } from '../tables/comparison-words.ts';
import { percent, percentInterval, pointsLong } from './format.ts';
import { html, type Html } from './html.ts';
import { ownEvaluation } from './run-facts.ts';

/**
 * The main comparison of the run: the first one of arms under their own test policies, as they are
 * used. Comparisons under other policies only explain it. A significant result elsewhere does not
 * replace it: that would be choosing the question by its answer.
 */
function mainComparison(comparisons: readonly ComparisonRecord[]): ComparisonRecord | undefined {
  return comparisons.find(({ policy }) => policy === 'own') ?? comparisons[0];
}

/** The main finding with its uncertainty, also if nothing was found. */
export function headline({ arms, comparisons }: Summary): Html {
  const main = mainComparison(comparisons);
  if (main === undefined) {
    const arm = arms[0]!;
    if (arms.length > 1) return html`The arms were not compared.`;
    const { accuracy, ci95 } = ownEvaluation(arm);
    return html`<b>${arm.name}</b> classifies ${percent(accuracy)} of the held-out images correctly (95 % interval ${percentInterval(ci95)}).`;
  }
  const seen = winnerFirst(main);
  const { a, b, difference, verdict } = seen;
  return verdict === 'better'
    ? html`<b>${a}</b> beats <b>${b}</b>${under(main)} by ${pointsLong(difference)}. <span class="evidence">${evidence(seen)}.</span>`
    : html`<b>${a}</b> and <b>${b}</b>${under(main)} are not distinguishable. <span class="evidence">They differ by ${pointsLong(difference)}: ${evidence(seen)}.</span>`;
}

/**
 * If the main comparison is within the noise: the first comparison that is not, preferably under
 * the arms' own policies.
 */
export function otherFinding({ comparisons }: Summary): Html | null {
  const main = mainComparison(comparisons);
  if (main === undefined || standsOut(main)) return null;
  const clear = comparisons.filter(standsOut);
  const found = clear.find(({ policy }) => policy === 'own') ?? clear[0];
  if (found === undefined) return null;
  const seen = winnerFirst(found);
  return html`Another difference is significant: <b>${seen.a}</b> beats <b>${seen.b}</b>${under(found)} by ${pointsLong(seen.difference)} (${evidence(seen)}).`;
}
