import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcnemarExact } from './mcnemar.ts';
import { scipy } from '../../../test/statistics/scipy.ts';

test('equals the binomial test of scipy', () => {
  for (const { b, c, p } of scipy.mcnemar) expect(mcnemarExact(b, c) / p).toBeCloseTo(1, 9);
});

test('has the closed form 2^(1-n) when all pairs point one way', () => {
  for (let n = 1; n <= 60; n++) expect(mcnemarExact(0, n)).toBeCloseTo(2 ** (1 - n), 14);
});

test('is symmetric, in 0..1, and 1 for an even split', () => {
  const count = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(count, count, (b, c) => {
      const p = mcnemarExact(b, c);
      expect(p).toBe(mcnemarExact(c, b));
      expect(p).toBeGreaterThanOrEqual(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(mcnemarExact(b, b)).toBe(1);
    }),
  );
});

test.each([
  [-1, 0, 'b must be an integer of at least 0, got -1.'],
  [0, 0.5, 'c must be an integer of at least 0, got 0.5.'],
])('rejects %s and %s', (b, c, message) => {
  expect(() => mcnemarExact(b, c)).toThrow(message);
});
