import type { ComparisonRecord } from '../../events/events.ts';
import { points, pValue } from '../format.ts';
import { standsOut } from '../tables/comparison-words.ts';
import { detectableText } from './detectable-text.ts';
import { fittingColumns, isWithin, tableOf, type TableColumn } from './fitted-table.ts';

type Column = TableColumn<ComparisonRecord>;

/**
 * The comparisons of a run. If the table is too wide, the verdict does not repeat the names of the
 * arms; if it still is, there is a table per test policy, without the least important columns.
 */
export function summaryComparisonTable(
  comparisons: readonly ComparisonRecord[],
  width: number,
): string {
  const seeds = comparisons.some(({ overSeeds }) => typeof overSeeds?.pAdjusted === 'number')
    ? [overSeedsP]
    : [];
  const detectable = comparisons.some(recordsDetectable) ? [detectableDifference] : [];
  const fitting = [
    [names, policy, difference, interval, adjustedP, ...seeds, verdictInWords],
    [names, policy, inPoints, interval, adjustedP, ...seeds, verdictAlone, ...detectable],
  ]
    .map((columns) => tableOf(columns, comparisons))
    .find((table) => isWithin(table, width));
  if (fitting !== undefined) return fitting;
  const narrow: readonly Column[] = [
    names,
    inPoints,
    { ...interval, rank: 1 },
    { ...adjustedP, title: 'p', rank: 2 },
    ...seeds.map((column) => ({ ...column, rank: 3 })),
    verdictAlone,
    ...detectable.map((column) => ({ ...column, rank: 4 })),
  ];
  const columns = fittingColumns(narrow, comparisons, width);
  return [...new Set(comparisons.map((comparison) => comparison.policy))]
    .map((policy) => {
      const title = policy === 'own' ? 'Own test policies:' : `${policy} for both:`;
      const rows = comparisons.filter((comparison) => comparison.policy === policy);
      return `${title}\n${tableOf(columns, rows)}`;
    })
    .join('\n\n');
}

/** Runs of earlier versions do not record what each comparison could have found. */
function recordsDetectable(comparison: ComparisonRecord): boolean {
  return !standsOut(comparison) && comparison.smallestDetectable !== undefined;
}

const names: Column = { title: 'comparison', cell: ({ a, b }) => `${a} - ${b}` };
const policy: Column = { title: 'test policy', cell: ({ policy: each }) => each };
const difference: Column = {
  title: 'difference',
  cell: ({ difference: each }) => `${points(each)} points`,
  right: true,
};
const inPoints: Column = {
  title: 'points',
  cell: ({ difference: each }) => points(each),
  right: true,
};
const interval: Column = {
  title: '95 % interval',
  cell: ({ ci95 }) => ci95.map(points).join(' to '),
  right: true,
};
const adjustedP: Column = {
  title: 'p (Holm)',
  cell: ({ pAdjusted }) => pValue(pAdjusted),
  right: true,
};
const overSeedsP: Column = {
  title: 'p over seeds (Holm)',
  cell: ({ overSeeds }) =>
    typeof overSeeds?.pAdjusted === 'number' ? pValue(overSeeds.pAdjusted) : '',
  right: true,
};
const verdictAlone: Column = { title: 'verdict', cell: ({ verdict }) => verdict };
const detectableDifference: Column = {
  title: 'detectable',
  cell: (comparison) =>
    recordsDetectable(comparison) ? detectableText(comparison.smallestDetectable!) : '',
  right: true,
};
const verdictInWords: Column = {
  title: 'verdict',
  cell: (comparison) => {
    const { a, b, verdict, smallestDetectable } = comparison;
    if (standsOut(comparison)) return `${a} is ${verdict} than ${b}`;
    return recordsDetectable(comparison)
      ? `${verdict} (detectable: ${detectableText(smallestDetectable!)})`
      : `${verdict} (within the noise)`;
  },
};
