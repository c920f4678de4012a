import { detectableText } from './detectable-text.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { precisionColumns, SUBSET_ACCURACY } from './multi-label-text.ts';
import { counted, percent, points, pValue } from '../format.ts';
import { textTable } from './text-table.ts';
import type { ArmComparison, ArmScore } from '../../results/compare/compare-arms.ts';
import type { ComparedRun } from '../../results/compare/compared-run.ts';
import type { ConfigDifference } from '../../results/compare/config-differences.ts';

/** The text of `fixres compare`. */
interface RunComparison {
  runs: readonly ComparedRun[];
  images: number;
  arms: readonly ArmScore[];
  comparisons: readonly ArmComparison[];
  differences: readonly ConfigDifference[];
}

/**
 * @param width maximum number of characters per line; the least important columns of tables are
 * left out to fit
 */
export function comparisonText(
  { runs, images, arms, comparisons, differences }: RunComparison,
  width: number,
): string {
  const overSeeds = comparisons.filter(
    ({ seeds, overSeeds: { p } }) => seeds !== null && p !== null,
  );
  const precise = comparisons.flatMap(({ a, b, meanAveragePrecision }) =>
    meanAveragePrecision ? [{ a, b, ofPrecision: meanAveragePrecision }] : [],
  );
  return [
    textTable(
      ['run', 'folder', 'data set'],
      runs.map(({ letter, folder, dataset }) => [letter, folder, dataset]),
    ),
    '',
    fittedTable(armColumns(arms), arms, width),
    '',
    fittedTable(comparisonColumns(arms), comparisons, width),
    '',
    ...(precise.length > 0 ? [fittedTable(precisionColumns, precise, width), ''] : []),
    `Evaluated on the same ${counted(images, 'held-out image')}. Points: difference in ` +
      `accuracy. p: Holm-corrected for ${counted(comparisons.length, 'comparison')}.`,
    '"detectable": the smallest true difference that this comparison would find 4 times out ' +
      'of 5, with the correction of p.',
    ...(precise.length > 0 ? [SUBSET_ACCURACY] : []),
    ...(overSeeds.length > 0
      ? [
          '',
          'Over seeds (would training again show the difference?):',
          fittedTable(seedColumns, overSeeds, width),
        ]
      : []),
    '',
    ...(differences.length > 0
      ? [
          'Different settings:',
          textTable(
            ['setting', ...runs.map(({ letter }) => letter)],
            differences.map((each) => [each.setting, ...Object.values(each.values).map(valueText)]),
          ),
        ]
      : runs.length > 1
        ? ['The settings of the runs are the same.']
        : []),
  ]
    .join('\n')
    .trimEnd();
}

function armColumns(arms: readonly ArmScore[]): TableColumn<ArmScore>[] {
  const several = arms.some(({ seeds }) => seeds.length > 1);
  return [
    { title: 'arm', cell: ({ label }) => label },
    { title: 'test policy', cell: ({ policy }) => policy, rank: 1 },
    ...(several
      ? [
          {
            title: 'seeds',
            cell: ({ seeds }: ArmScore) => String(seeds.length),
            right: true,
            rank: 2,
          },
        ]
      : []),
    ...(arms.some(({ meanAveragePrecision }) => meanAveragePrecision !== undefined)
      ? [
          {
            title: 'mAP',
            cell: ({ meanAveragePrecision: precision }: ArmScore) =>
              precision === undefined ? '-' : percent(precision),
            right: true,
          },
        ]
      : []),
    { title: 'accuracy', cell: ({ accuracy }) => percent(accuracy), right: true },
    {
      title: '95 % interval',
      cell: ({ ci95 }) => ci95.map((value) => percent(value)).join(' to '),
      right: true,
    },
    ...(several
      ? [
          {
            title: 'sd over seeds',
            cell: ({ sd }: ArmScore) => (sd === null ? '-' : percent(sd)),
            right: true,
            rank: 3,
          },
        ]
      : []),
  ];
}

/**
 * The accuracy of an arm covers all its seeds, a comparison those that both arms have; the column
 * contains their number.
 */
function comparisonColumns(arms: readonly ArmScore[]): TableColumn<ArmComparison>[] {
  const several = arms.some(({ seeds }) => seeds.length > 1);
  const seeds: TableColumn<ArmComparison> = {
    title: 'seeds',
    cell: ({ overSeeds: { values } }) => String(values.length),
    right: true,
    rank: 4,
  };
  const [names, ...rest] = comparisonFigures;
  return [names!, ...(several ? [seeds] : []), ...rest];
}

const comparisonFigures: readonly TableColumn<ArmComparison>[] = [
  { title: 'comparison', cell: ({ a, b }) => `${a} - ${b}` },
  { title: 'points', cell: ({ difference }) => points(difference), right: true },
  {
    title: '95 % interval',
    cell: ({ ci95 }) => ci95.map(points).join(' to '),
    right: true,
    rank: 1,
  },
  { title: 'p (Holm)', cell: ({ pAdjusted }) => pValue(pAdjusted), right: true, rank: 3 },
  {
    title: 'detectable',
    cell: ({ smallestDetectable }) => detectableText(smallestDetectable),
    right: true,
    rank: 2,
  },
  {
    title: 'verdict',
    cell: ({ a, b, verdict }) =>
      verdict === 'not distinguishable' ? verdict : `${a} is ${verdict} than ${b}`,
  },
];

const seedColumns: readonly TableColumn<ArmComparison>[] = [
  { title: 'comparison', cell: ({ a, b }) => `${a} - ${b}` },
  { title: 'seeds', cell: ({ seeds }) => String(seeds!.length), right: true },
  { title: 'mean', cell: ({ overSeeds: { mean } }) => points(mean), right: true },
  {
    title: 'sd',
    cell: ({ overSeeds: { sd } }) => ((sd ?? 0) * 100).toFixed(1),
    right: true,
    rank: 2,
  },
  {
    title: '95 % interval',
    cell: ({ overSeeds: { ci95 } }) => ci95!.map(points).join(' to '),
    right: true,
    rank: 1,
  },
  { title: 'p (Holm)', cell: ({ overSeeds: { pAdjusted } }) => pValue(pAdjusted!), right: true },
];

function valueText(value: string | number | boolean | null): string {
  return value === null ? '-' : String(value);
}
