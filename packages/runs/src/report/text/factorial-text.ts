import type { FactorEffects, FactorialRecord } from '../../events/events.ts';
import { percent, points, pValue } from '../format.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { listed } from './listed.ts';
import { wrapped } from './wrapped.ts';

/** A share is shown if its corrected test and its interval both exclude 0. */
function isShare({ share: { ci95, pAdjusted } }: FactorEffects): boolean {
  return pAdjusted < 0.05 && (ci95[0] > 0 || ci95[1] < 0);
}

const interval = ([low, high]: readonly [number, number]): string =>
  `${points(low)} to ${points(high)}`;

const columns: readonly TableColumn<FactorEffects>[] = [
  { title: 'part', cell: ({ factor }) => factor },
  { title: 'share', cell: ({ share }) => points(share.difference), right: true },
  { title: '95 % interval', cell: ({ share }) => interval(share.ci95), rank: 1 },
  { title: 'p', cell: ({ share }) => pValue(share.pAdjusted), right: true, rank: 2 },
  { title: 'first', cell: ({ alone }) => points(alone.difference), right: true, rank: 3 },
  { title: 'lost without', cell: ({ last }) => points(last.difference), right: true, rank: 4 },
];

/**
 * The parts of a gain as a table and in sentences.
 *
 * @param width maximum number of characters per line
 */
export function factorialText(record: FactorialRecord, width: number): string[] {
  const { of, base, full } = record;
  return [
    ...wrapped(
      `${of.from} ${percent(base)} -> ${of.arm} ${percent(full)}: ${gainWords(record)}`,
      width,
    ),
    '',
    fittedTable(columns, record.factors, width),
    '',
    ...[...factorialSentences(record), READING].flatMap((sentence) => wrapped(sentence, width)),
  ];
}

const READING =
  'Points of accuracy; the shares add up. share: what a part adds, averaged over all orders of the parts, those of the test policy before those of fine-tuning. ' +
  'p: corrected for the number of parts (Holm). first: what it adds before the others of its kind. lost without: what is lost if only this part is left out.';

/** What the columns of a table with all effects mean. */
export const factorialTerms =
  'Points of accuracy with 95 % intervals. Share: what the part adds, averaged over all orders of the parts, those of the test policy before those of fine-tuning (Shapley value); the shares add up to the gain. First: what it adds before the others of its kind. Lost without: what is lost if only this part is left out. Main effect: averaged over all combinations of the others, also those that nobody would use.';

function gainWords({ gain: { difference, ci95 } }: FactorialRecord): string {
  return `${points(difference)} points (${interval(ci95)})`;
}

/** What was shown and what was not, and which parts depend on each other. */
export function factorialSentences(record: FactorialRecord): string[] {
  const { of, gain, stages, factors, interactions, moreEpochs } = record;
  const shown = factors
    .filter(isShare)
    .toSorted((a, b) => Math.abs(b.share.difference) - Math.abs(a.share.difference));
  const open = factors.filter((each) => !isShare(each)).map(({ factor }) => factor);
  const total = `Of the ${points(gain.difference)} points of ${of.arm} over ${of.from}`;
  const byStage =
    stages.length < 2
      ? []
      : [
          `${total}, ${listed(stages.map(({ name, difference, ci95 }, i) => `${points(difference)} (${interval(ci95)}) ${i === 0 ? 'come ' : ''}from ${name}`))}.`,
        ];
  const from = shown.map(({ factor, share }) => `${factor} ${points(share.difference)}`);
  const notShown =
    open.length === 0
      ? ''
      : `${listed(open)} ${open.length === 1 ? 'has' : 'have'} no share that differs from zero`;
  const byPart =
    shown.length === 0
      ? `No part has a share that differs from zero.`
      : `By part: ${listed(from)}${notShown && `; ${notShown}`}.`;
  const strongest = interactions
    .filter(({ ci95: [low, high] }) => low > 0 || high < 0)
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))[0];
  return [
    ...byStage,
    byPart,
    ...(strongest ? [interactionWords(strongest.a, strongest.b, strongest.difference)] : []),
    ...(moreEpochs
      ? [
          `The same fine-tuning at the size of ${of.from} adds ${points(moreEpochs.difference)} points (${interval(moreEpochs.ci95)}) under the test policy of ${of.arm}: the effect of more epochs alone.`,
        ]
      : []),
  ];
}

function interactionWords(a: string, b: string, difference: number): string {
  const amount = points(Math.abs(difference)).replace('+', '');
  return difference > 0
    ? `${a} and ${b} need each other: each adds ${amount} points more if the other is there.`
    : `${a} and ${b} replace each other: each adds ${amount} points less if the other is there.`;
}
