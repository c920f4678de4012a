import { randomResizedCrop } from '@fixres/data';
import { describe, expect, it } from 'vitest';
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
    expect(stages[2]!.policy).toEqual({ ...randomResizedCrop(120) });
  });

  it('ends with the size of the arm even if there are fewer epochs than stages', () => {
    expect(stageOf(arm, 0, 1).policy).toBe(arm.trainPolicy);
    expect([0, 1].map((epoch) => stageOf(arm, epoch, 2).policy.output.width)).toEqual([120, 160]);
  });

  it('keeps the settings of an arm without stages', () => {
    const { progressive: _, ...plain } = arm;
    expect(stageOf(plain, 0, 8)).toEqual({ policy: arm.trainPolicy, dropout: 0.4, dropPath: 0.2 });
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
