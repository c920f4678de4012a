import { compareSizes } from '@fixres/data/names';
import type {
  ArmRecord,
  RobustnessComparison,
  RobustnessRecord,
  RobustnessSummary,
  Summary,
} from '../../events/events.ts';
import { percent, points, pValue } from '../format.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { largerSizePairs, type SizedArm } from '../../results/larger-size-pairs.ts';
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
    ...robustnessSentences(robustness, arms).flatMap((sentence) => wrapped(sentence, width)),
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
 * Whether tuning at a larger size costs robustness: the first arm that is fine-tuned for a larger test size
 * against the arm it is initialised from (fixres against small), and against arms that are trained as long
 * without a larger size (control); then against the same weights only tested at its size (untuned). None for experiments that do not compare such arms.
 */
export function robustnessSentences(
  { comparisons }: RobustnessSummary,
  arms: readonly SizedArm[],
): string[] {
  const pairs = largerSizePairs(arms);
  const gain = comparisons.find(({ a, b }) =>
    pairs.some(({ tuned, from }) => tuned === a && from === b),
  );
  if (gain === undefined) return [];
  const { a, b, verdict, kept, clean } = gain;
  const { controls } = pairs.find(({ tuned }) => tuned === a)!;
  const control = comparisons.find((each) => each.a === a && controls.includes(each.b));
  const answer = {
    better: 'The larger size with its tuning does not cost robustness, it adds some',
    worse: 'The larger size with its tuning costs robustness',
    'not distinguishable': 'The larger size with its tuning is not shown to change robustness',
  }[verdict];
  const alone = comparisons.find(
    (each) => each.a === a && isOnlyTested(each.b, { like: a, from: b, arms }),
  );
  const further = control === undefined ? '' : `, and ${difference(control)}`;
  const [low, high] = kept.ci95;
  const interval = `${points(low)} to ${points(high)}`;
  const change =
    low > 0 || high < 0
      ? `${low > 0 ? 'raises' : 'lowers'} this difference by ${points(Math.abs(kept.difference)).replace('+', '')} points (${interval})`
      : `is not shown to change this difference (by ${points(kept.difference)} points, ${interval})`;
  return [
    `${answer}: on corrupted images, ${difference(gain)}${further}.`,
    `On clean images ${a} - ${b} is ${points(clean)} points; corruption ${change}.`,
    ...(alone ? [`What tuning changes at the same test size: ${difference(alone)}.`] : []),
  ];
}

/** Whether an arm has the weights of another, and is only tested at the size of a tuned arm. */
function isOnlyTested(
  name: string,
  { like, from, arms }: { like: string; from: string; arms: readonly SizedArm[] },
): boolean {
  const [arm, tuned] = [name, like].map((each) => arms.find((one) => one.name === each));
  if (!arm || !tuned || arm.initFrom !== from || arm.epochs > 0) return false;
  const [size, other] = [arm, tuned].map(
    ({ evaluations, ownEvaluation }) => evaluations[ownEvaluation]?.size,
  );
  return size !== undefined && other !== undefined && compareSizes(size, other) === 0;
}

function difference(comparison: RobustnessComparison): string {
  return `${comparison.a} - ${comparison.b} is ${evidence(comparison)}`;
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
