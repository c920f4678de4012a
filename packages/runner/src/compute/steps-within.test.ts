import fc from 'fast-check';
import { expect, it } from 'vitest';
import { trainingLength } from '@fixres/runs';
import { armCompute } from './arm-compute.ts';
import { stepsWithin } from './steps-within.ts';

const image = fc.record({
  forward: fc.integer({ min: 1, max: 2 ** 40 }),
  backward: fc.integer({ min: 1, max: 2 ** 41 }),
});
const data = fc.record({
  images: fc.integer({ min: 1, max: 2e6 }),
  batchSize: fc.integer({ min: 1, max: 4096 }),
});

it('never exceeds the budget, and one more step would', () => {
  fc.assert(
    fc.property(image, data, fc.bigInt({ min: 0n, max: 2n ** 70n }), (each, images, budget) => {
      const steps = stepsWithin(budget, each, images);
      const costOf = (count: number): bigint =>
        armCompute(each, {
          trained: trainingLength({ epochs: Infinity, steps: count }, images).images,
        });
      // Beyond this, steps are not exact integers; a training would take centuries.
      fc.pre(steps < 2 ** 50);
      expect(costOf(steps) <= budget).toBe(true);
      expect(costOf(steps + 1) > budget).toBe(true);
    }),
  );
});

it('gives at least as many steps for a larger budget, and exactly n steps for the cost of n steps', () => {
  fc.assert(
    fc.property(
      image,
      data,
      fc.integer({ min: 0, max: 1e6 }),
      fc.bigInt({ min: 0n, max: 2n ** 50n }),
      (each, images, steps, more) => {
        const { images: trained } = trainingLength({ epochs: Infinity, steps }, images);
        const budget = armCompute(each, { trained });
        expect(stepsWithin(budget, each, images)).toBe(steps);
        expect(stepsWithin(budget + more, each, images)).toBeGreaterThanOrEqual(steps);
        expect(stepsWithin(budget - 1n, each, images)).toBe(Math.max(steps - 1, 0));
      },
    ),
  );
});
