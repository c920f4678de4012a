import type { ComparisonRecord, FactorialRecord, Summary } from '../../events/events.ts';
import { evidence, standsOut, under, winnerFirst } from '../tables/comparison-words.ts';
import { counted, typographic } from '../format.ts';
import { pEquation, points, pointsInterval, pointsLong } from '../page/format.ts';
import { headline, otherFinding } from '../page/headline.ts';
import { factorialSentences } from '../text/factorial-text.ts';
import { gainParts, gainPartsText } from '../text/gain-parts.ts';
import { html, type Html } from '../page/html.ts';
import { payoffText } from '../text/payoff-text.ts';
import { robustnessSentences } from '../text/robustness-text.ts';
import { seedStoppingText } from '../text/seed-stopping-text.ts';
import { seedCount } from '../page/run-facts.ts';

/** Up to this number of comparisons, each gets a sentence; above, only the significant ones. */
const SENTENCES = 8;

function sentence(comparison: ComparisonRecord): Html {
  const seen = winnerFirst(comparison);
  const { a, b, difference, ci95, pAdjusted, verdict, smallestDetectable } = seen;
  return verdict === 'better'
    ? html`<li class="clear"><b>${a}</b> beats <b>${b}</b>${under(comparison)} by ${pointsLong(difference)} (${evidence(seen)}).</li>`
    : html`<li class="noise"><b>${a}</b> and <b>${b}</b>${under(comparison)} are not distinguishable: they differ by
${pointsLong(difference)}, ${fitting(ci95)} (adjusted ${pEquation(pAdjusted)}).${
        smallestDetectable !== undefined && ` ${found(smallestDetectable)}`
      }</li>`;
}

/**
 * States how far two indistinguishable arms may differ. The interval alone is not corrected for the
 * number of comparisons.
 */
function fitting([low, high]: readonly [number, number]): string {
  if (low === 0 && high === 0) return 'correct on the same images';
  const interval = pointsInterval([low, high]);
  return low <= 0 && high >= 0
    ? `and the interval is ${interval} points`
    : `with an interval of ${interval} points that excludes 0; the corrected test does not`;
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
    return (
      'All differences are within the noise: this run does not show that any arm is better ' +
      'than another.'
    );
  if (noise === 0)
    return comparisons.length === 1
      ? null
      : `All ${comparisons.length} comparisons are significant.`;
  const are = (n: number): string => (n === 1 ? 'is' : 'are');
  return (
    `${clear} of ${comparisons.length} comparisons ${are(clear)} significant; ` +
    `${noise} ${are(noise)} not.`
  );
}

function limits(summary: Summary): string {
  const seeds = seedCount(summary);
  const luck =
    seeds === 1
      ? 'Each arm was trained with one seed: the intervals account for the choice of held-out ' +
        'images, not for the randomness of training. Several seeds account for both.'
      : `Each arm was trained with ${seeds} seeds; the intervals account for the choice of held-out images and of seeds${
          seeds < 5 ? ', but so few seeds show only part of the variation' : ''
        }.`;
  if (summary.comparisons.length === 0) return luck;
  const images = counted(summary.dataset.heldOut, 'held-out image');
  if (summary.smallestDetectable >= 1)
    return `With ${images}, no difference could be shown. ${luck}`;
  return (
    `With ${images}, a true difference under about ${pointsLong(summary.smallestDetectable)} ` +
    `would be missed more often than 1 time in 5. ${luck}`
  );
}

/**
 * How much of the gain of fixres comes from its test policy alone, which costs no training, and how
 * much from fine-tuning.
 */
function gain(summary: Summary): Html | null {
  const parts = gainParts(summary);
  if (parts === undefined) return null;
  return html`Of the ${pointsLong(parts.total)} of <b>fixres</b> over <b>small</b>, ${gainPartsText(parts, points)}.`;
}

/** The answer of a run that explains a gain. */
function explanation(summary: Summary, record: FactorialRecord): Html {
  const { of, gain } = record;
  return html`<section class="verdict" aria-label="Verdict"><h2><b>${of.arm}</b> over <b>${of.from}</b>: ${points(gain.difference)} points. <span class="evidence">95\u00a0% interval ${pointsInterval(gain.ci95)}, in the run ${of.run}.</span></h2>
${factorialSentences(record).map((sentence) => html`<p>${typographic(sentence)}</p>`)}
${summary.seedStopping !== undefined && html`<p>${typographic(seedStoppingText(summary.seedStopping))}</p>`}
<p class="soft">${limits(summary)}</p></section>`;
}

/** The answer as text, with its uncertainty. */
export function verdictSection(summary: Summary): Html {
  if (summary.factorial) return explanation(summary, summary.factorial);
  const { comparisons } = summary;
  const listed = comparisons.length <= SENTENCES ? comparisons : comparisons.filter(standsOut);
  const summaryLine = balance(summary);
  const other = otherFinding(summary);
  const parts = gain(summary);
  const payoff = payoffText(summary);
  const [robust] = summary.robustness ? robustnessSentences(summary.robustness, summary.arms) : [];
  return html`<section class="verdict" aria-label="Verdict"><h2>${headline(summary)}</h2>
${other !== null && html`<p>${other}</p>`}
${payoff !== undefined && html`<p>${typographic(payoff)}</p>`}
${parts !== null && html`<p>${parts}</p>`}
${robust !== undefined && html`<p>${typographic(robust)}</p>`}
${summaryLine !== null && html`<p>${summaryLine}</p>`}
${listed.length > 0 && html`<ul class="findings">${listed.map(sentence)}</ul>`}
${summary.seedStopping !== undefined && html`<p>${typographic(seedStoppingText(summary.seedStopping))}</p>`}
<p class="soft">${limits(summary)}</p></section>`;
}
