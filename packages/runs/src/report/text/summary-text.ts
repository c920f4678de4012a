import { multiplyAddsText } from '../multiply-adds.ts';
import type { ArmRecord, ComparisonRecord, Summary } from '../../events/events.ts';
import { detectableText, likelyMissed } from './detectable-text.ts';
import { findingsText } from './findings-text.ts';
import { counted, clock, megabytes, percent, points, pValue } from '../format.ts';
import { ancestors } from '../page/run-facts.ts';
import { textTable } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** Sentences are easier to read in lines that are shorter than the tables. */
const SENTENCE_WIDTH = 110;

/** The result of a run as text: arms, comparisons, and what this held-out set could have shown. */
export function summaryText(summary: Summary): string {
  const { dataset, arms, comparisons } = summary;
  const policies = arms[0]?.evaluations.map(({ policy, size }) => `${policy}@${size}`) ?? [];
  const seeds = arms[0]?.curves.length ?? 0;
  const sharing = arms.filter(({ featuresFrom }) => featuresFrom !== undefined);
  const isCounted = arms.some(({ trainMultiplyAdds }) => trainMultiplyAdds !== undefined);
  const armTable = textTable(
    [
      'arm',
      'trained at',
      'own test accuracy',
      '95 % interval',
      ...policies,
      ...(isCounted ? ['compute'] : []),
      'time',
      'peak memory',
    ],
    arms.map((arm) => {
      const own = arm.evaluations[arm.ownEvaluation]!;
      return [
        arm.name,
        `${arm.trainSize} px`,
        percent(own.accuracy),
        `${percent(own.ci95[0])} to ${percent(own.ci95[1])}`,
        ...arm.evaluations.map(
          (evaluation, i) =>
            `${percent(evaluation.accuracy)}${i === arm.ownEvaluation ? ' *' : '  '}`,
        ),
        ...(isCounted ? [computeText(arm, arms)] : []),
        timeText(arm, arms),
        megabytes(arm.peakRssMb),
      ];
    }),
    [
      1,
      2,
      3,
      ...policies.map((_, i) => 4 + i),
      4 + policies.length,
      5 + policies.length,
      6 + policies.length,
    ],
  );
  return [
    armTable,
    '',
    `* the arm's own test policy. Held out: ${counted(dataset.heldOut, 'image')}. ` +
      `${isCounted ? 'Compute and time are' : 'Time is'} for training only: ` +
      'the arm it is initialised from + its own part.',
    ...(isCounted
      ? [
          'MAC: multiply-adds, forward and backward, counted from the shapes of the layers. Frozen layers count forward in every epoch.',
        ]
      : []),
    ...arms.flatMap(equalCostText),
    ...sharing.map(
      ({ name, featuresFrom }) =>
        `The time of ${name} does not include the features of its frozen layers, which ` +
        `${featuresFrom} computed.`,
    ),
    ...(seeds > 1 ? ['', seedsTable(arms)] : []),
    ...(comparisons.length > 0
      ? [
          '',
          comparisonTable(comparisons),
          '',
          ...whatCouldBeFound(summary),
          '',
          ...findingsText(summary).flatMap((sentence) => wrapped(sentence, SENTENCE_WIDTH)),
        ]
      : []),
  ].join('\n');
}

/** What these comparisons could have found. */
function whatCouldBeFound({ comparisons, smallestDetectable, dataset }: Summary): string[] {
  return [
    ...(comparisons.some(recordsDetectable)
      ? [
          'detectable: the true difference in points that is found 4 times out of 5, with the correction for all comparisons (Holm).',
        ]
      : []),
    likelyMissed(smallestDetectable, counted(dataset.heldOut, 'held-out image')),
  ];
}

/** Own test accuracy per seed. */
function seedsTable(arms: readonly ArmRecord[]): string {
  return textTable(
    ['arm', 'mean over seeds', 'deviation', 'seed by seed'],
    arms.flatMap(({ name, evaluations, ownEvaluation }) => {
      const { overSeeds } = evaluations[ownEvaluation]!;
      if (typeof overSeeds?.sd !== 'number') return [];
      return [
        [
          name,
          percent(overSeeds.mean),
          `${(overSeeds.sd * 100).toFixed(1)} points`,
          overSeeds.values.map((value) => percent(value)).join(', '),
        ],
      ];
    }),
    [1, 2],
  );
}

function comparisonTable(comparisons: readonly ComparisonRecord[]): string {
  const hasSeeds = comparisons.some(({ overSeeds }) => typeof overSeeds?.pAdjusted === 'number');
  return textTable(
    [
      'comparison',
      'test policy',
      'difference',
      '95 % interval',
      'p (Holm)',
      ...(hasSeeds ? ['p over seeds (Holm)'] : []),
      'verdict',
    ],
    comparisons.map((comparison) => [
      `${comparison.a} - ${comparison.b}`,
      comparison.policy,
      `${points(comparison.difference)} points`,
      `${points(comparison.ci95[0])} to ${points(comparison.ci95[1])}`,
      pValue(comparison.pAdjusted),
      ...(hasSeeds
        ? [
            typeof comparison.overSeeds?.pAdjusted === 'number'
              ? pValue(comparison.overSeeds.pAdjusted)
              : '',
          ]
        : []),
      verdictText(comparison),
    ]),
    [2, 3, 4, ...(hasSeeds ? [5] : [])],
  );
}

function timeText(arm: ArmRecord, arms: readonly ArmRecord[]): string {
  const parents = ancestors(arm, arms);
  const before = parents.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
  return parents.length > 0
    ? `${clock(before)} + ${clock(arm.trainSeconds)}`
    : clock(arm.trainSeconds);
}

/**
 * Training compute; undefined if it is not known for the arm or for one that it is initialised
 * from.
 */
function computeText(arm: ArmRecord, arms: readonly ArmRecord[]): string {
  const parents = ancestors(arm, arms);
  const own = arm.trainMultiplyAdds;
  const before = parents
    .map(({ trainMultiplyAdds = NaN }) => trainMultiplyAdds)
    .reduce((sum, value) => sum + value, 0);
  if (own === undefined || Number.isNaN(before)) return '-';
  return parents.length > 0 ? multiplyAddsText(before, own) : multiplyAddsText(own);
}

function equalCostText({ name, equalCost, steps, epochs }: ArmRecord): string[] {
  if (equalCost === undefined) return [];
  const length = steps === undefined ? counted(epochs, 'epoch') : counted(steps, 'step');
  return [`${name} was given ${length}, the most with no more compute than ${equalCost} in total.`];
}

function verdictText(comparison: ComparisonRecord): string {
  const { a, b, verdict, smallestDetectable } = comparison;
  if (verdict !== 'not distinguishable') return `${a} is ${verdict} than ${b}`;
  return recordsDetectable(comparison)
    ? `${verdict} (detectable: ${detectableText(smallestDetectable!)})`
    : `${verdict} (within the noise)`;
}

/** Runs of earlier versions do not record what each comparison could have found. */
function recordsDetectable({ verdict, smallestDetectable }: ComparisonRecord): boolean {
  return verdict === 'not distinguishable' && smallestDetectable !== undefined;
}
