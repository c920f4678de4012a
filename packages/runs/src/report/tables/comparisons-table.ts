import type { ComparisonRecord, Verdict } from '../../events/events.ts';
import { points, pointsInterval, pointsLong, pValue } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import { intervalTrack } from '../charts/interval-track.ts';
import { niceScale } from '../charts/scale.ts';
import { table } from '../page/table.ts';

/** A sign next to the word, so that the verdict does not depend on colour. */
const SIGNS: Record<Verdict, string> = { better: '▲', worse: '▼', 'not distinguishable': '≈' };

/** Paired differences between arms, each drawn on one axis around zero. */
export function comparisonsTable(comparisons: readonly ComparisonRecord[]): Html {
  const scale = niceScale([0, ...comparisons.flatMap(({ ci95 }) => ci95)], { intervals: 4 });
  const rows = comparisons.map(
    ({ a, b, policy, difference, ci95, p, pAdjusted, verdict, smallestDetectable }) => [
      html`<b>${a}</b> <span class="soft">against</span> <b>${b}</b><span class="note">${
        policy === 'own'
          ? 'each under its own test policy'
          : html`both under <span class="code">${policy}</span>`
      }</span>`,
      html`<b>${points(difference)}</b><span class="note">${pointsInterval(ci95)}</span>`,
      html`<span class="badge ${verdict.replace(' ', '-')}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</span>${
        // Runs of earlier versions do not record it.
        verdict === 'not distinguishable' &&
        smallestDetectable !== undefined &&
        html`<span class="note">detectable: ${smallestDetectable < 1 ? pointsLong(smallestDetectable) : 'none, too few images'}</span>`
      }`,
      intervalTrack({
        value: difference,
        interval: ci95,
        scale,
        reference: 0,
        height: 26,
        title: `${a} against ${b}: ${points(difference)} points`,
        description: `95 % interval ${pointsInterval(ci95)} points; the line marks no difference.`,
      }),
      html`${pValue(pAdjusted)}<span class="note">uncorrected ${pValue(p)}</span>`,
    ],
  );
  return table({
    caption:
      'Comparisons on the same held-out images: difference in percentage points with 95 % intervals',
    columns: [
      { name: 'Arms' },
      { name: 'Difference', number: true },
      { name: 'Verdict' },
      {
        name: `Interval, on an axis from ${points(scale.ticks[0]!)} to ${points(scale.ticks.at(-1)!)}`,
      },
      { name: 'p, adjusted', number: true },
    ],
    rows,
    className: 'comparisons',
  });
}
