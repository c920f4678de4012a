import type { FactorialRecord, Interaction } from '../../events/events.ts';
import { waterfall } from '../charts/waterfall.ts';
import { points, pointsInterval, pValue } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import { numbersBehind, type ReportSection } from '../page/report-section.ts';
import { table } from '../page/table.ts';
import { factorialTerms } from '../text/factorial-text.ts';

/** Where the gain of an arm comes from, for a run that explains one. */
export function factorialSection(record: FactorialRecord | undefined): ReportSection | null {
  if (record === undefined) return null;
  const { of, interactions } = record;
  return {
    id: 'parts',
    title: `Where the gain of ${of.arm} over ${of.from} comes from`,
    body: html`${waterfall(record)}
${numbersBehind(partsTable(record), 'Effects of each part')}
${interactions.length > 0 && numbersBehind(interactionsTable(interactions), 'Interactions')}`,
  };
}

function partsTable({ factors }: FactorialRecord): Html {
  return table({
    className: 'dense',
    caption: factorialTerms,
    columns: [
      { name: 'Part' },
      { name: 'Share', number: true },
      { name: 'p (Holm)', number: true },
      { name: 'First', number: true },
      { name: 'Lost without', number: true },
      { name: 'Main effect', number: true },
    ],
    rows: factors.map(({ factor, share, alone, last, main }) => [
      factor,
      effect(share),
      pValue(share.pAdjusted),
      effect(alone),
      effect(last),
      effect(main),
    ]),
  });
}

function interactionsTable(interactions: readonly Interaction[]): Html {
  return table({
    className: 'dense',
    caption:
      'How many points more one part adds if the other one is there, averaged over the rest. Positive: they need each other; negative: they replace each other. Not corrected for their number.',
    columns: [{ name: 'Parts' }, { name: 'Interaction', number: true }],
    rows: interactions.map((each) => [`${each.a} × ${each.b}`, effect(each)]),
  });
}

function effect({
  difference,
  ci95,
}: {
  difference: number;
  ci95: readonly [number, number];
}): Html {
  return html`<b>${points(difference)}</b> <span class="soft">${pointsInterval(ci95)}</span>`;
}
