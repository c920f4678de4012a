import { namedPolicy } from '@fixres/data';
import {
  checkExperiment,
  fixresExperiment,
  fixresPresets,
  type PlannedArm,
  type PlannedExperiment,
} from '@fixres/runs';
import { expect, it } from 'vitest';
import { shortenedExperiment } from './shortened-experiment.ts';

const { quick } = fixresPresets;
const experiment: PlannedExperiment = fixresExperiment({ ...quick, seedCount: 3 });
const [small] = experiment.arms;

it('trains two epochs of one seed, and derives no length from a cost', () => {
  const short = shortenedExperiment(experiment);
  expect(short.seeds).toEqual([0]);
  for (const { epochs, cost, steps } of short.arms) {
    expect(epochs).toBeLessThanOrEqual(2);
    expect([cost, steps]).toEqual([undefined, undefined]);
  }
  expect(experiment.arms.some(({ cost }) => cost !== undefined)).toBe(true);
});

it('keeps sizes, layers, precision and evaluations', () => {
  const short = shortenedExperiment({ ...experiment, precision: 'bfloat16' });
  expect(short.precision).toBe('bfloat16');
  expect(short.evaluations).toEqual(experiment.evaluations);
  const ofArm = ({ trainPolicy, freeze }: PlannedArm): string =>
    JSON.stringify([trainPolicy, freeze]);
  expect(new Set(short.arms.map(ofArm))).toEqual(new Set(experiment.arms.map(ofArm)));
});

it('trains arms once that differ only in length, rate or name', () => {
  const longer: PlannedArm = { ...small!, name: 'longer', epochs: 100 };
  const slower: PlannedArm = { ...small!, name: 'slower', schedule: { type: 'cosine', rate: 0.5 } };
  const tuned: PlannedArm = { ...small!, name: 'tuned', freeze: 'classifier', initFrom: 'longer' };
  const arms = [small!, longer, slower, tuned];
  const short = shortenedExperiment({ ...experiment, arms });
  expect(short.arms.map(({ name, initFrom }) => [name, initFrom])).toEqual([
    ['small', null],
    ['tuned', 'small'],
  ]);
});

it('takes the largest of the sizes that are measured', () => {
  const sized = [96, 160, 128].map((size) => ({
    trainPolicy: namedPolicy('resize', { size }),
    testPolicy: namedPolicy('resize', { size }),
  }));
  const tuned: PlannedArm = {
    ...small!,
    name: 'tuned',
    initFrom: small!.name,
    testPolicy: { ...sized[0]!.testPolicy, name: 'resize-measured' },
    measuredSize: { asked: sized[0]!, candidates: sized },
  };
  const evaluations = [small!.testPolicy, tuned.testPolicy];
  const short = shortenedExperiment({ ...experiment, arms: [small!, tuned], evaluations });
  expect(short.arms[1]!.trainPolicy.output).toEqual({ height: 160, width: 160 });
  // Its evaluation, before the arm is trained, takes memory too.
  expect(short.arms[1]!.measuredSize).toEqual({
    asked: sized[0]!,
    candidates: [sized[1]!, sized[1]!],
  });
  expect(() => checkExperiment(short)).not.toThrow();
});

it('keeps arms that do not train, and those of one epoch', () => {
  const arms = [0, 1].map((epochs): PlannedArm => ({ ...small!, name: `e${epochs}`, epochs }));
  const short = shortenedExperiment({ ...experiment, arms });
  expect(short.arms.map(({ epochs }) => epochs)).toEqual([0, 1]);
});

it('keeps the growing size of an arm, whose features are not cached', () => {
  const progressive = { from: 64, stages: 3 };
  const short = shortenedExperiment({ ...experiment, arms: [{ ...small!, progressive }] });
  expect(short.arms[0]!.progressive).toEqual(progressive);
});
