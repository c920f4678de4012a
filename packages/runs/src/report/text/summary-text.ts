import type { ArmRecord, Summary } from '../../events/events.ts';
import { counted, percent } from '../format.ts';
import { factorialText } from './factorial-text.ts';
import { robustnessText } from './robustness-text.ts';
import { likelyMissed } from './detectable-text.ts';
import { findingsText } from './findings-text.ts';
import { fittedTable, type TableColumn } from './fitted-table.ts';
import { multiLabelText } from './multi-label-text.ts';
import { isCounted, summaryArmTable } from './summary-arm-table.ts';
import { summaryComparisonTable } from './summary-comparison-table.ts';
import { wrapped } from './wrapped.ts';

/** Sentences are easier to read in lines that are shorter than the tables. */
const SENTENCE_WIDTH = 110;

/**
 * The result of a run as text: arms, comparisons, and what this held-out set could have shown.
 *
 * @param width maximum number of characters per line, if the names of the arms allow it; tables are
 * broken into several to fit, and only then lose columns. Default: no limit
 */
export function summaryText(
  summary: Summary,
  { width = Infinity }: { width?: number } = {},
): string {
  const { dataset, arms, comparisons, factorial } = summary;
  const counts = isCounted(arms);
  const notes = [
    `* the arm's own test policy. Held out: ${counted(dataset.heldOut, 'image')}. ` +
      `${counts ? 'Compute and time are' : 'Time is'} for training only: ` +
      'the arm it is initialised from + its own part.',
    ...(counts
      ? [
          'MAC: multiply-adds, forward and backward, counted from the shapes of the layers. Frozen layers count forward in every epoch.',
        ]
      : []),
    ...arms.flatMap(equalCostText),
    ...arms.flatMap(sharedFeaturesText),
  ];
  return [
    ...(factorial ? [...factorialText(factorial, Math.min(SENTENCE_WIDTH, width)), ''] : []),
    summaryArmTable(arms, width),
    '',
    ...notes.flatMap((note) => wrapped(note, width)),
    ...seedsTable(arms, width),
    ...multiLabelText(summary, width),
    ...(comparisons.length > 0 ? comparedText(summary, width) : []),
    ...robustnessText(summary, Math.min(SENTENCE_WIDTH, width)),
  ].join('\n');
}

/** The comparisons, what they could have found, and what they showed. */
function comparedText(summary: Summary, width: number): string[] {
  const { comparisons, smallestDetectable, dataset } = summary;
  const table = summaryComparisonTable(comparisons, width);
  return [
    '',
    table,
    '',
    ...(table.includes('detectable')
      ? wrapped(
          'detectable: the true difference in points that is found 4 times out of 5, with the correction for all comparisons (Holm).',
          width,
        )
      : []),
    ...wrapped(likelyMissed(smallestDetectable, counted(dataset.heldOut, 'held-out image')), width),
    '',
    ...findingsText(summary).flatMap((sentence) =>
      wrapped(sentence, Math.min(SENTENCE_WIDTH, width)),
    ),
  ];
}

/** Own test accuracy per seed, if there are several. */
function seedsTable(arms: readonly ArmRecord[], width: number): string[] {
  const rows = arms.flatMap(({ name, evaluations, ownEvaluation }): SeedsRow[] => {
    const { overSeeds } = evaluations[ownEvaluation]!;
    return typeof overSeeds?.sd === 'number' ? [{ ...overSeeds, sd: overSeeds.sd, name }] : [];
  });
  return rows.length === 0 ? [] : ['', fittedTable(seedColumns, rows, width)];
}

interface SeedsRow {
  name: string;
  mean: number;
  sd: number;
  values: readonly number[];
}

const seedColumns: readonly TableColumn<SeedsRow>[] = [
  { title: 'arm', cell: ({ name }) => name },
  { title: 'mean over seeds', cell: ({ mean }) => percent(mean), right: true },
  { title: 'deviation', cell: ({ sd }) => `${(sd * 100).toFixed(1)} points`, right: true },
  {
    title: 'seed by seed',
    cell: ({ values }) => values.map((value) => percent(value)).join(', '),
    rank: 1,
  },
];

function equalCostText({ name, equalCost, steps, epochs }: ArmRecord): string[] {
  if (equalCost === undefined) return [];
  const length = steps === undefined ? counted(epochs, 'epoch') : counted(steps, 'step');
  return [`${name} was given ${length}, the most with no more compute than ${equalCost} in total.`];
}

function sharedFeaturesText({ name, featuresFrom }: ArmRecord): string[] {
  if (featuresFrom === undefined) return [];
  return [
    `The time of ${name} does not include the features of its frozen layers, which ` +
      `${featuresFrom} computed.`,
  ];
}
