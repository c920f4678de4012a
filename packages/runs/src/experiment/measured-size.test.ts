import { resize, shiftedCrop, shortSideCrop } from '@fixres/data';
import { expect, it } from 'vitest';
import { armDescription } from './arm-description.ts';
import { checkExperiment } from './check-experiment.ts';
import type { ArmSpec, PlannedArm, PlannedExperiment } from './experiment.ts';
import {
  armsToMeasure,
  measuredSizes,
  provisionalPolicy,
  sizeChoice,
  withChosenSizes,
} from './measured-size.ts';

const small: ArmSpec = {
  name: 'small',
  description: 'From scratch.',
  initFrom: null,
  trainPolicy: resize(32),
  testPolicy: resize(32),
  epochs: 1,
  schedule: { type: 'constant', rate: 1 },
  freeze: 'all',
};
const sizes = [32, 48, 64];
const candidates = sizes.map((size) => ({
  trainPolicy: shiftedCrop(size),
  testPolicy: shortSideCrop(size),
}));
const tuned: ArmSpec = {
  ...small,
  name: 'tuned',
  description: 'Tuned.',
  initFrom: 'small',
  trainPolicy: provisionalPolicy(shiftedCrop(64)),
  testPolicy: provisionalPolicy(shortSideCrop(64)),
  measuredSize: { asked: { trainPolicy: {}, testPolicy: {} }, candidates },
};
const equal: PlannedArm = {
  ...small,
  name: 'equal',
  epochs: 9,
  steps: 17,
  cost: { equalTo: 'tuned' },
};
const experiment: PlannedExperiment = {
  model: { name: 'resnet14v2', width: 4 },
  arms: [small, tuned, equal],
  evaluations: [resize(32), tuned.testPolicy, shortSideCrop(48)],
  comparisons: [{ a: 'tuned', b: 'small', policy: 'own' }],
  seeds: [0],
  batchSize: 4,
};
const choose = (correct: readonly number[]): ReturnType<typeof sizeChoice> =>
  sizeChoice(
    { from: 'small', seed: 0, images: 40 },
    candidates.map((each, i) => ({ ...each, correct: correct[i]! })),
  );

it('measures multiples of 32 up to 7/4 of the train size, and the given sizes', () => {
  expect(measuredSizes(128, [])).toEqual([128, 160, 192, 224]);
  expect(measuredSizes(64, [88])).toEqual([64, 88, 96, 128]);
});

it('chooses the most accurate size, and the smallest of equally accurate ones', () => {
  expect(choose([10, 30, 20]).chosen).toBe(1);
  expect(choose([10, 30, 30]).chosen).toBe(1);
  expect(choose([30, 30, 30]).chosen).toBe(0);
});

it('gives the arm the policies of the chosen size, and every arm its evaluation', () => {
  checkExperiment(experiment);
  expect(armsToMeasure(experiment)).toEqual(['tuned']);
  const chosen = withChosenSizes(experiment, new Map([['tuned', choose([20, 10, 30])]]));
  expect(armsToMeasure(chosen)).toEqual([]);
  expect(chosen.arms[1]).toMatchObject(candidates[2]!);
  expect(chosen.evaluations).toEqual([resize(32), shortSideCrop(64), shortSideCrop(48)]);
  // Its length depends on the size.
  expect(chosen.arms[2]).toMatchObject({ epochs: undefined, cost: { equalTo: 'tuned' } });
  expect(chosen.arms[2]).not.toHaveProperty('steps');
  expect(armDescription(chosen.arms[1]!)).toContain(
    'Tuned. Size 64 px, measured with small on 40 held-back training images: 32 px 50.0 %, 48 px 25.0 %, 64 px 75.0 %.',
  );
  // The chosen policy is evaluated once, where it first stands.
  const listed = withChosenSizes(experiment, new Map([['tuned', choose([0, 1, 0])]]));
  expect(listed.evaluations).toEqual([resize(32), shortSideCrop(48)]);
});

it.each<[string, PlannedExperiment, string]>([
  [
    'an arm that is not initialised from the first one',
    { ...experiment, arms: [small, { ...small, name: 'other' }, { ...tuned, initFrom: 'other' }] },
    'The size of arm "tuned" is measured, which needs an arm that is initialised from the first one, "small"; it is initialised from "other".',
  ],
  [
    'a stored model',
    {
      ...experiment,
      model: { folder: 'm', digest: '', imageSize: 32, newClassifier: 'if-needed' },
    },
    'The size of arm "tuned" is measured, but the experiment is initialised from the model in "m"',
  ],
  [
    'a comparison under a provisional policy',
    {
      ...experiment,
      comparisons: [{ a: 'tuned', b: 'small', policy: 'shortSideCrop-measured@64' }],
    },
    'A comparison names evaluation "shortSideCrop-measured@64", which does not exist.',
  ],
  [
    'a choice that has the name of another evaluation',
    {
      ...experiment,
      evaluations: [...experiment.evaluations, { ...resize(64), name: 'shortSideCrop' }],
    },
    'A test policy that arm "tuned" may get, shortSideCrop@64, is another policy than shortSideCrop@64 of an evaluation; different policies need different names.',
  ],
  [
    'choices of two arms that differ but have one name, at any of their places',
    {
      ...experiment,
      arms: [
        small,
        tuned,
        {
          ...tuned,
          name: 'wide',
          measuredSize: {
            ...tuned.measuredSize!,
            // In the other arm, the same size is the second one.
            candidates: [48, 80].map((size) => ({
              trainPolicy: shiftedCrop(size),
              testPolicy: { ...resize(size), name: 'shortSideCrop' },
            })),
          },
        },
      ],
      evaluations: [resize(32), tuned.testPolicy],
    },
    'A test policy that arm "wide" may get, shortSideCrop@48, is another policy than shortSideCrop@48 of arm "tuned"; different policies need different names.',
  ],
])('refuses %s', (_, wrong, message) => {
  expect(() => checkExperiment(wrong)).toThrow(message);
});
