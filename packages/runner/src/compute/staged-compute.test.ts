import { randomResizedCrop } from '@fixres/data';
import { trainingLength } from '@fixres/runs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stagedCompute, stagedStepsWithin } from './staged-compute.ts';

const costOf = ({ output }: { output: { width: number } }) => ({
  forward: output.width ** 2,
  backward: 2 * output.width ** 2,
});
const plain = { trainPolicy: randomResizedCrop(160) };
const growing = { ...plain, progressive: { from: 96, stages: 4 } };

describe('stagedCompute', () => {
  it('counts every stage at its size, and estimates at the last', () => {
    const length = trainingLength({ epochs: 4 }, { images: 10, batchSize: 4 });
    const squares = 96 ** 2 + 120 ** 2 + 136 ** 2 + 160 ** 2;
    expect(stagedCompute(growing, length, { images: 10, costOf })).toBe(BigInt(30 * squares));
    expect(stagedCompute(growing, length, { images: 10, epochs: 2, forwardOnly: 5, costOf })).toBe(
      BigInt(30 * (96 ** 2 + 120 ** 2) + 5 * 160 ** 2),
    );
    expect(stagedCompute(plain, length, { images: 10, costOf })).toBe(BigInt(120 * 160 ** 2));
  });
});

it('stagedStepsWithin stays within the budget, and two more epochs would exceed it', () => {
  const data = { images: 50, batchSize: 8 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), (number) => {
      const budget = BigInt(number);
      const costAt = (steps: number): bigint =>
        stagedCompute(growing, trainingLength({ epochs: Infinity, steps }, data), {
          images: data.images,
          costOf,
        });
      const steps = stagedStepsWithin(budget, growing, { ...data, costOf });
      expect(costAt(steps) <= budget).toBe(true);
      // A step that starts an epoch moves the ends of the stages, so the cost is not quite monotonic.
      expect(costAt(steps + 14) > budget).toBe(true);
      expect(steps).toBeGreaterThanOrEqual(stagedStepsWithin(budget, plain, { ...data, costOf }));
    }),
    { numRuns: 60 },
  );
});
