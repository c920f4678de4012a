import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scipy } from '../../test/statistics/scipy.ts';
import { normalProbability } from './normal-probability.ts';
import { normalQuantile } from './normal-quantile.ts';

it('is the inverse of the quantile by scipy', () => {
  for (const [probability, z] of scipy.normalQuantile)
    expect(Math.abs(normalProbability(z) - probability)).toBeLessThan(1e-15);
});

it('is a distribution', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (probability) => {
      const z = normalQuantile(probability);
      expect(Math.abs(normalProbability(z) - probability)).toBeLessThan(2e-15);
      expect(Math.abs(normalProbability(z) + normalProbability(-z) - 1)).toBeLessThan(2e-15);
    }),
  );
  expect([-Infinity, -40, 0, 40, Infinity].map(normalProbability)).toEqual([0, 0, 0.5, 1, 1]);
});
