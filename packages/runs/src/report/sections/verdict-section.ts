import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { evidence, standsOut, under, winnerFirst } from '../tables/comparison-words.ts';
import { counted } from '../format.ts';
import { pEquation, points, pointsInterval, pointsLong } from '../page/format.ts';
import { headline, otherFinding } from '../page/headline.ts';
import { gainParts, gainPartsText } from '../text/gain-parts.ts';
import { html, type Html } from '../page/html.ts';
import { seedCount } from '../page/run-facts.ts';

/** Under this many comparisons each gets its sentence; beyond, only those that stand out do. */
const SENTENCES = 8;

function sentence(comparison: ComparisonRecord): Html {
  const seen = winnerFirst(comparison);
  const { a, b, difference, ci95, pAdjusted, verdict, smallestDetectable } = seen;
  return verdict === 'better'
    ? html`<li class="clear"><b>${a}</b> beats <b>${b}</b>${under(comparison)} by ${pointsLong(difference)} (${evidence(seen)}).</li>`
    : html`<li class="noise"><b>${a}</b> and <b>${b}</b>${under(comparison)} cannot be told apart: they differ by
${pointsLong(difference)}, ${fitting(ci95)} (adjusted ${pEquation(pAdjusted)}).${
        smallestDetectable !== undefined && ` ${found(smallestDetectable)}`
      }</li>`;
}

/** What the data of two arms that cannot be told apart leave open. The interval alone is not corrected for the number of comparisons. */
function fitting([low, high]: readonly [number, number]): string {
  if (low === 0 && high === 0) return 'right on the same images';
  const interval = pointsInterval([low, high]);
  return low <= 0 && high >= 0
    ? `and anything from ${interval} points fits the data`
    : `with an interval of ${interval} points that alone leaves out 0; the corrected test does not`;
}

function found(smallestDetectable: number): string {
  return smallestDetectable < 1
    ? `A true difference of ${pointsLong(smallestDetectable)} would be found 4 times out of 5.`
    : 'The images are too few to show any difference.';
}

function balance({ comparisons, arms }: Summary): string | null {
  const clear = comparisons.filter(standsOut).length;
  const noise = comparisons.length - clear;
  if (comparisons.length === 0)
    return arms.length === 1 ? 'With one arm there is nothing to compare.' : null;
  if (clear === 0)
    return 'All differences are inside the noise: this run does not show that any arm is better than another.';
  if (noise === 0)
    return comparisons.length === 1
      ? null
      : `All ${comparisons.length} comparisons stand out from the noise.`;
  const stand = clear === 1 ? 'stands' : 'stand';
  const rest = noise === 1 ? '1 does not' : `${noise} do not`;
  return `Of ${comparisons.length} comparisons, ${clear} ${stand} out from the noise; ${rest}.`;
}

function limits(summary: Summary): string {
  const seeds = seedCount(summary);
  const luck =
    seeds === 1
      ? 'Every arm was trained once: the intervals cover the choice of held-out images, not the luck of training. ' +
        'Several seeds would cover both.'
      : `Every arm was trained with ${seeds} seeds; the intervals cover the choice of held-out images and of seeds${
          seeds < 5 ? ', though so few seeds show only part of their spread' : ''
        }.`;
  if (summary.comparisons.length === 0) return luck;
  const images = counted(summary.dataset.heldOut, 'held-out image');
  if (summary.smallestDetectable >= 1)
    return `No difference could be shown with ${images}: too few. ${luck}`;
  return `With ${images}, a true difference under about ${pointsLong(summary.smallestDetectable)} would more often than 1 time in 5 go unseen. ${luck}`;
}

/** What of the gain of fixres is due to its test alone, which costs nothing, and what to fine-tuning. */
function gain(summary: Summary): Html | null {
  const parts = gainParts(summary);
  if (parts === undefined) return null;
  return html`Of the ${pointsLong(parts.total)} of <b>fixres</b> over <b>small</b>, ${gainPartsText(parts, points)}.`;
}

/** The answer in words with its uncertainty. */
export function verdictSection(summary: Summary): Html {
  const { comparisons } = summary;
  const told = comparisons.length <= SENTENCES ? comparisons : comparisons.filter(standsOut);
  const summaryLine = balance(summary);
  const other = otherFinding(summary);
  const parts = gain(summary);
  return html`<section class="verdict" aria-label="Verdict"><h2>${headline(summary)}</h2>
${other !== null && html`<p>${other}</p>`}
${parts !== null && html`<p>${parts}</p>`}
${summaryLine !== null && html`<p>${summaryLine}</p>`}
${told.length > 0 && html`<ul class="findings">${told.map(sentence)}</ul>`}
<p class="soft">${limits(summary)}</p></section>`;
}
