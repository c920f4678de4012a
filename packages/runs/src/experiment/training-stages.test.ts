import { randomResizedCrop, withAugment } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import { checkExperiment } from './check-experiment.ts';
import { fixresExperiment, fixresPresets } from './fixres-experiment.ts';
import { trainingLength } from './training-length.ts';
import { imagesBySize, stageOf } from './training-stages.ts';

const arm = {
  trainPolicy: randomResizedCrop(160),
  progressive: { from: 96, stages: 4, dropout: 0.1 },
  dropout: 0.4,
  dropPath: 0.2,
};

describe('stageOf', () => {
  it('grows size and dropout linearly, with equally long stages', () => {
    const stages = Array.from({ length: 8 }, (_, epoch) => stageOf(arm, epoch, 8));
    // 96 + 64 i / 3, to multiples of 8 between the ends.
    expect(stages.map(({ policy }) => policy.output.width)).toEqual([
      96, 96, 120, 120, 136, 136, 160, 160,
    ]);
    expect(stages.map(({ dropout }) => dropout!.toFixed(2))).toEqual([
      '0.10',
      '0.10',
      '0.20',
      '0.20',
      '0.30',
      '0.30',
      '0.40',
      '0.40',
    ]);
    expect(stages.every(({ dropPath }) => dropPath === 0.2)).toBe(true);
    expect(stages.every(({ mix }) => mix === undefined)).toBe(true);
    expect(stages[2]!.policy).toEqual({ ...randomResizedCrop(120) });
  });

  it('grows the sides of a rectangle by themselves', () => {
    const from = { height: 96, width: 64 };
    const trainPolicy = randomResizedCrop({ height: 96, width: 128 });
    const wide = { trainPolicy, progressive: { from, stages: 3 } };
    expect([0, 1, 2].map((epoch) => stageOf(wide, epoch, 3).policy.output)).toEqual([
      { height: 96, width: 64 },
      { height: 96, width: 96 },
      { height: 96, width: 128 },
    ]);
  });

  it('ends with the size of the arm even if there are fewer epochs than stages', () => {
    expect(stageOf(arm, 0, 1).policy).toBe(arm.trainPolicy);
    expect([0, 1].map((epoch) => stageOf(arm, epoch, 2).policy.output.width)).toEqual([120, 160]);
  });

  it('grows Mixup and the magnitude of RandAugment, from none if asked', () => {
    const augmented = {
      trainPolicy: withAugment(randomResizedCrop(160), [{ op: 'randAugment', magnitude: 15 }]),
      progressive: { from: 96, stages: 4, mixup: 0, magnitude: 6 },
      mix: { mixup: 0.3, probability: 0.5 },
    };
    const stages = [0, 1, 2, 3].map((epoch) => stageOf(augmented, epoch, 4));
    expect(
      stages.map(({ policy }) => policy.steps.find(({ op }) => op === 'randAugment')),
    ).toMatchObject([6, 9, 12, 15].map((magnitude) => ({ magnitude })));
    expect(stages[0]!.mix).toBeUndefined();
    expect(stages[1]!.mix!.mixup).toBeCloseTo(0.1, 10);
    expect(stages[3]!.mix).toEqual(augmented.mix);
    const both = { ...augmented, mix: { mixup: 0.3, cutmix: 1 } };
    expect(stageOf(both, 0, 4).mix).toEqual({ cutmix: 1 });
  });

  it('keeps the settings of an arm without stages', () => {
    const { progressive: _, ...plain } = arm;
    expect(stageOf(plain, 0, 8)).toEqual({
      policy: arm.trainPolicy,
      dropout: 0.4,
      dropPath: 0.2,
      mix: undefined,
    });
  });
});

it('imagesBySize counts every image once, also of a shorter last epoch and the rest of a run', () => {
  const data = { images: 10, batchSize: 4 };
  const length = trainingLength({ epochs: 8, steps: 22 }, data);
  const sizes = (from?: number, to?: number): [number, number][] =>
    imagesBySize(arm, length, { images: 10, ...(from !== undefined && { from, to: to! }) }).map(
      ({ policy, trained }) => [policy.output.width, trained],
    );
  expect(sizes()).toEqual([
    [96, 20],
    [120, 20],
    [136, 20],
    [160, 14],
  ]);
  expect(sizes(1, 3)).toEqual([
    [96, 10],
    [120, 10],
  ]);
  const { progressive: _, ...plain } = arm;
  expect(imagesBySize(plain, length, { images: 10 })).toEqual([
    { policy: arm.trainPolicy, trained: length.images },
  ]);
});

it.each([
  [
    { from: 64 },
    'Arm "small" has progressive.from 64; it must be smaller than its train size, 64.',
  ],
  [{ from: 32, mixup: 0.1 }, 'Arm "small" has progressive.mixup, which requires mix.mixup.'],
  [
    { from: 32, magnitude: 5 },
    'Arm "small" has progressive.magnitude, which requires randAugment.',
  ],
])('an experiment with progressive %j is refused', (progressive, message) => {
  const experiment = fixresExperiment(fixresPresets.quick);
  const [first, ...rest] = experiment.arms;
  expect(() =>
    checkExperiment({ ...experiment, arms: [{ ...first!, progressive }, ...rest] }),
  ).toThrow(message);
});
