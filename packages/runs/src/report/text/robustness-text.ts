import type {
  ArmRecord,
  RobustnessComparison,
  RobustnessRecord,
  RobustnessSummary,
  Summary,
} from '../../events/events.ts';
import { percent, points, pValue } from '../format.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { textTable } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** Whether tuning at a larger size costs robustness, and the arms on corrupted images. */
export function robustnessText(
  { arms, robustness }: Pick<Summary, 'arms' | 'robustness'>,
  width: number,
): string[] {
  if (robustness === undefined) return [];
  const rows = arms.flatMap(({ name, robustness: record }) =>
    record === undefined ? [] : [{ name, ...record }],
  );
  return [
    '',
    fittedTable(columns, rows, width),
    '',
    ...wrapped(conditionsWords(robustness), width),
    ...robustnessSentences(robustness).flatMap((sentence) => wrapped(sentence, width)),
  ];
}

const columns: readonly TableColumn<RobustnessRecord & Pick<ArmRecord, 'name'>>[] = [
  { title: 'arm', cell: ({ name }) => name },
  { title: 'clean', cell: ({ clean }) => percent(clean), right: true },
  { title: 'corrupted', cell: ({ accuracy }) => percent(accuracy), right: true },
  {
    title: '95 % interval',
    cell: ({ ci95 }) => `${percent(ci95[0])} to ${percent(ci95[1])}`,
    right: true,
    rank: 1,
  },
  { title: 'mCE', cell: ({ mce }) => (mce === null ? '–' : percent(mce)), right: true },
];

/** What was evaluated, in a sentence. */
export function conditionsWords({ corruptions, severities, baseline }: RobustnessSummary): string {
  const which = corruptions.length === 1 ? corruptions[0]! : `${corruptions.length} corruptions`;
  const levels =
    severities.length === 1 ? `severity ${severities[0]}` : `${severities.length} severities each`;
  return `corrupted: mean accuracy under the arm's own test policy over ${which} of ImageNet-C, ${levels}. mCE: mean corruption error relative to ${baseline}; lower is better.`;
}

/**
 * Whether tuning at a larger size costs robustness: fixres against small, and against control, which
 * trains as long at the small size. None for experiments that do not compare these arms.
 */
export function robustnessSentences({ comparisons }: RobustnessSummary): string[] {
  const against = (other: string): RobustnessComparison | undefined =>
    comparisons.find(({ a, b }) => a === 'fixres' && b === other);
  const [small, control] = [against('small'), against('control')];
  if (small === undefined) return [];
  const answer = {
    better: 'Tuning at the larger size does not cost robustness, it adds some',
    worse: 'Tuning at the larger size costs robustness',
    'not distinguishable': 'Tuning at the larger size is not shown to change robustness',
  }[small.verdict];
  const further = control === undefined ? '' : `, and fixres - control ${evidence(control)}`;
  const { kept, clean } = small;
  const [low, high] = kept.ci95;
  const size = `${points(kept.difference)} points, ${points(low)} to ${points(high)}`;
  const relation =
    low > 0
      ? `larger on corrupted images (by ${size})`
      : high < 0
        ? `smaller on corrupted images (by ${size})`
        : `not distinguishable on corrupted images (${size})`;
  return [
    `${answer}: on corrupted images, fixres - small is ${evidence(small)}${further}.`,
    `On clean images fixres - small is ${points(clean)} points; this difference is ${relation}.`,
  ];
}

function evidence({ difference, ci95: [low, high], pAdjusted }: RobustnessComparison): string {
  return `${points(difference)} points (95 % interval ${points(low)} to ${points(high)}, p ${pValue(pAdjusted)})`;
}

/** Accuracy under each corruption (rows) and severity (columns). */
export function corruptionTable({ conditions }: Pick<RobustnessRecord, 'conditions'>): string {
  const severities = [...new Set(conditions.map(({ severity }) => severity))];
  const names = [...new Set(conditions.map(({ corruption }) => corruption))];
  const rows = names.map((name) => {
    const own = conditions.filter(({ corruption }) => corruption === name);
    const mean = own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length;
    return [name, ...own.map(({ accuracy }) => percent(accuracy)), percent(mean)];
  });
  const header = ['corruption', ...severities.map(String), 'mean'];
  return textTable(header, rows, [...header.keys()].slice(1));
}
