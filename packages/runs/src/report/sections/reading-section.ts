import type { Summary } from '../../events/events.ts';
import { html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';
import { seedCount } from '../page/run-facts.ts';

/** How the numbers were computed and how to read them. */
export function readingSection(summary: Summary): ReportSection {
  const seeds = seedCount(summary);
  const interval =
    seeds === 1
      ? 'Wilson’s score interval'
      : 'a bootstrap over images and seeds (all seeds of an image stay together), and at least ' +
        'Wilson’s over the images if fewer than ten are wrong, or right';
  const test =
    seeds === 1
      ? 'McNemar’s exact test'
      : 'an exact sign-flip permutation test over images, on the mean over seeds';
  const comparisons = html`
<dt>Difference</dt><dd>Both arms saw the same images, so they are compared image by image: the interval is a paired bootstrap,
p comes from ${test}.</dd>
<dt>p, adjusted</dt><dd>Many comparisons find something by chance. Holm’s correction raises p so that the chance of any false
finding in the whole table stays under 5 %.</dd>
<dt>Verdict</dt><dd>“Better” or “worse” only when the adjusted p is under 0.05 and the interval leaves out 0.
“Not distinguishable” does not mean equal: it means that this run cannot show a difference.</dd>`;
  const body = html`<dl class="reading">
<dt>Accuracy</dt><dd>Fraction of the held-out images whose most probable class is correct. The interval is
${interval}: about 95 of 100 such intervals contain the true value.</dd>${
    summary.comparisons.length > 0 && comparisons
  }</dl>`;
  return { id: 'reading', title: 'How to read the numbers', body };
}
