import { imageSizeText, isSameSize, type Policy, policyAtSize } from '@fixres/data';
import type { TunedPart, TunedParts } from '@fixres/finetune';
import { type ArmSpec, evaluationKey, type Experiment, type FactorialDesign } from '@fixres/runs';

/** Names of the parts in tables. */
const partNames: Readonly<Record<TunedPart, string>> = {
  statistics: 'normalisation statistics',
  parameters: 'normalisation parameters',
  classifier: 'classifier',
  layers: 'other layers',
};

/** The arm that trains like the explained one, but at the size of the first training. */
const MORE_EPOCHS = 'more-epochs';

/** What is explained. */
export interface Explained {
  /** Name of the run. */
  run: string;
  /** The fine-tuned arm. */
  arm: ArmSpec;
  /** The arm that it is initialised from. */
  from: ArmSpec;
  tuned: TunedParts;
}

/**
 * The experiment that splits the gain of an arm: a full factorial over the parts that it tunes, and
 * over the size and the crop of its test policy as far as they differ. The weights need an arm for
 * each combination of parts; the test policies only evaluate it again. If the sizes differ, one more
 * arm trains everything at the smaller size: the effect of more epochs.
 *
 * @param base the experiment of the run, with the trained weights of `from` as its model
 */
export function explainingExperiment(base: Experiment, explained: Explained): Experiment {
  const { run, arm, from, tuned } = explained;
  const tests = testCells(from.testPolicy, arm.testPolicy);
  const combinations = subsets(tuned.parts);
  const arms = combinations.map((parts) => armOf(parts, explained));
  const own = evaluationKey(arm.testPolicy);
  const all = arms.at(-1)!.name;
  const none = arms[0]!.name;
  const further = moreEpochs(explained);
  const factorial: FactorialDesign = {
    of: { run, arm: arm.name, from: from.name },
    // Tuning for a test policy only makes sense with it.
    stages: [
      { name: 'the test policy', factors: tests.factors },
      { name: 'fine-tuning', factors: tuned.parts.map((part) => partNames[part]) },
    ].filter(({ factors }) => factors.length > 0),
    cells: combinations.flatMap((parts, i) =>
      tests.cells.map(({ policy, on }) => ({
        arm: arms[i]!.name,
        policy: evaluationKey(policy),
        on: [...on, ...parts.map((part) => partNames[part])],
      })),
    ),
    ...(further.length > 0 && { moreEpochs: { arm: MORE_EPOCHS, policy: own } }),
  };
  const { model, seeds, batchSize, precision, normStatistics, normImages } = base;
  return {
    model,
    arms: [...arms, ...further],
    evaluations: tests.cells.map(({ policy }) => policy),
    comparisons: [
      { a: all, b: none, policy: 'own' },
      ...further.map(({ name }) => ({ a: all, b: name, policy: own })),
    ],
    seeds,
    batchSize,
    ...(precision && { precision }),
    ...(normStatistics && { normStatistics }),
    ...(normImages !== undefined && { normImages }),
    activations: false,
    factorial,
  };
}

/** The arm that tunes only these parts. */
function armOf(parts: readonly TunedPart[], { arm, from, tuned }: Explained): ArmSpec {
  const freeze = tuned.only(parts);
  const trains = parts.some((part) => part !== 'statistics');
  const names = parts.map((part) => partNames[part]).join(', ');
  const { steps, ...rest } = asTrained(arm);
  return {
    ...rest,
    name: freeze.name,
    description:
      parts.length === 0
        ? `The weights of ${from.name}.`
        : trains
          ? `Like ${arm.name}, but only its ${names} follow${parts.length === 1 ? 's' : ''} the training.`
          : `The weights of ${from.name} with statistics from the images of ${arm.name}.`,
    initFrom: null,
    freeze,
    testPolicy: parts.length === 0 ? from.testPolicy : arm.testPolicy,
    ...(trains ? steps !== undefined && { steps } : { epochs: 0 }),
  };
}

function moreEpochs({ arm, from }: Explained): ArmSpec[] {
  const size = from.trainPolicy.output;
  if (isSameSize(size, arm.trainPolicy.output) || arm.epochs === 0) return [];
  return [
    {
      ...asTrained(arm),
      name: MORE_EPOCHS,
      description: `Like ${arm.name}, but fine-tuned at ${imageSizeText(size)} px: what more epochs at the size of ${from.name} change.`,
      initFrom: null,
      trainPolicy: policyAtSize(arm.trainPolicy, size),
    },
  ];
}

/** The arm with the length that was derived from its cost, and the size that was measured. */
function asTrained(arm: ArmSpec): ArmSpec {
  const copy = { ...arm };
  delete copy.cost;
  delete copy.measuredSize;
  return copy;
}

interface TestCells {
  factors: string[];
  cells: { policy: Policy; on: string[] }[];
}

/** The test policies between two, one for each combination of what differs. */
function testCells(from: Policy, to: Policy): TestCells {
  if (evaluationKey(from) === evaluationKey(to))
    return { factors: [], cells: [{ policy: from, on: [] }] };
  const [before, after] = [from.output, to.output];
  const [size, crop] = ['test size', 'test crop'];
  const ends = (factor: string): TestCells => ({
    factors: [factor],
    cells: [
      { policy: from, on: [] },
      { policy: to, on: [factor] },
    ],
  });
  if (isSameSize(before, after)) return ends(crop);
  if (from.name === to.name) return ends(size);
  return {
    factors: [size, crop],
    cells: [
      { policy: from, on: [] },
      { policy: policyAtSize(from, after), on: [size] },
      { policy: policyAtSize(to, before), on: [crop] },
      { policy: to, on: [size, crop] },
    ],
  };
}

/** All subsets, the empty one first and the whole one last. */
function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((set) => [...set, item])], [[]]);
}
