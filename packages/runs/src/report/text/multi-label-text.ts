import type {
  ArmRecord,
  ComparisonRecord,
  PrecisionComparison,
  Summary,
} from '../../events/events.ts';
import { percent, points, pValue } from '../format.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { wrapped } from './wrapped.ts';

/** What accuracy means for multi-label images. */
export const SUBSET_ACCURACY =
  'An image is classified correctly if exactly its classes reach their thresholds (subset accuracy).';

/** Mean average precision of each arm under its own test policy, and its comparisons; empty for images of one class. */
export function multiLabelText(
  { arms, comparisons, dataset }: Pick<Summary, 'arms' | 'comparisons' | 'dataset'>,
  width: number,
): string[] {
  const scored = arms.flatMap((arm): ScoredArm[] => {
    const { multiLabel, ...own } = ownEvaluation(arm);
    return multiLabel ? [{ arm, policy: policyAt(own), ...multiLabel }] : [];
  });
  if (scored.length === 0) return [];
  const compared = comparisons.flatMap((each) =>
    each.meanAveragePrecision ? [{ ...each, ofPrecision: each.meanAveragePrecision }] : [],
  );
  return [
    '',
    fittedTable(columns, scored, width),
    '',
    ...wrapped(
      `${SUBSET_ACCURACY}${comparisons.length > 0 ? ' Comparisons and findings below are of this accuracy.' : ''}`,
      width,
    ),
    ...unseenText(scored[0]!, dataset.classes).flatMap((line) => wrapped(line, width)),
    ...(compared.length > 0 ? ['', fittedTable(comparisonColumns, compared, width)] : []),
  ];
}

/** Which classes have no held-out images, as a sentence; none if all have. */
export function unseenText(
  { classes }: NonNullable<ArmRecord['evaluations'][number]['multiLabel']>,
  names: readonly string[],
): string[] {
  const unseen = names.filter((_, label) => classes[label]!.averagePrecision === null);
  if (unseen.length === 0) return [];
  const one = unseen.length === 1;
  return [
    `mAP is the mean over ${names.length - unseen.length} of ${names.length} classes: ${one ? 'class' : 'classes'} ${unseen.join(', ')} ${one ? 'has' : 'have'} no held-out images.`,
  ];
}

type ScoredArm = NonNullable<ArmRecord['evaluations'][number]['multiLabel']> & {
  arm: ArmRecord;
  policy: string;
};

const columns: readonly TableColumn<ScoredArm>[] = [
  { title: 'arm', cell: ({ arm }) => arm.name },
  { title: 'test policy', cell: ({ policy }) => policy, rank: 2 },
  {
    title: 'mAP',
    cell: ({ meanAveragePrecision }) =>
      meanAveragePrecision ? percent(meanAveragePrecision.mean) : 'none',
    right: true,
  },
  {
    title: '95 % interval',
    cell: ({ meanAveragePrecision }) =>
      meanAveragePrecision
        ? meanAveragePrecision.ci95.map((value) => percent(value)).join(' to ')
        : '',
    right: true,
    rank: 1,
  },
  { title: 'micro F1', cell: ({ f1 }) => percent(f1.micro.mean), right: true },
  { title: 'macro F1', cell: ({ f1 }) => percent(f1.macro.mean), right: true },
];

/** The comparison of the mean average precision of two arms. */
export interface PrecisionRow extends Pick<ComparisonRecord, 'a' | 'b'> {
  ofPrecision: PrecisionComparison;
}

/** A table of {@link PrecisionRow}. */
export const precisionColumns: readonly TableColumn<PrecisionRow>[] = [
  { title: 'difference in mAP', cell: ({ a, b }) => `${a} - ${b}` },
  { title: 'points', cell: ({ ofPrecision }) => points(ofPrecision.difference), right: true },
  {
    title: '95 % interval',
    cell: ({ ofPrecision }) => ofPrecision.ci95.map(points).join(' to '),
    right: true,
    rank: 1,
  },
  { title: 'p (Holm)', cell: ({ ofPrecision }) => pValue(ofPrecision.pAdjusted), right: true },
  { title: 'verdict', cell: ({ ofPrecision }) => ofPrecision.verdict },
];

const [names, ...figures] = precisionColumns;
const comparisonColumns: readonly TableColumn<ComparisonRecord & PrecisionRow>[] = [
  names!,
  { title: 'under', cell: ({ policy }) => policy, rank: 2 },
  ...figures,
];
