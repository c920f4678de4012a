import { expect, it } from 'vitest';
import { binomialAtLeast, fewestInFavour } from './binomial-at-least.ts';
import { mcnemarExact } from './paired/mcnemar.ts';

it('binomialAtLeast is the closed form for few trials', () => {
  expect(binomialAtLeast(1, 3, 0.2)).toBeCloseTo(1 - 0.8 ** 3, 14);
  expect(binomialAtLeast(3, 3, 0.2)).toBeCloseTo(0.2 ** 3, 14);
  expect(binomialAtLeast(2, 3, 0.5)).toBeCloseTo(0.5, 14);
  expect([binomialAtLeast(0, 5, 0.3), binomialAtLeast(6, 5, 1), binomialAtLeast(5, 5, 1)]).toEqual([
    1, 0, 1,
  ]);
});

it.each([0.05, 0.05 / 3, 0.01, 0.5])('fewestInFavour is enough for McNemar at %s', (alpha) => {
  const k = fewestInFavour(alpha);
  expect(mcnemarExact(k, 0)).toBeLessThanOrEqual(alpha);
  expect(mcnemarExact(k - 1, 0)).toBeGreaterThan(alpha);
});
