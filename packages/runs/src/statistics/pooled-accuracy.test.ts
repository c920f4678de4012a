import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pooledAccuracy } from './pooled-accuracy.ts';
import { matrixPairs } from '../../test/statistics/matrices.ts';
import { wilsonInterval } from './wilson-interval.ts';

test("has Wilson's interval with one seed", () => {
  const row = Uint8Array.from({ length: 367 }, (_, i) => (i < 277 ? 1 : 0));
  expect(pooledAccuracy([row])).toEqual({
    accuracy: 277 / 367,
    ci95: wilsonInterval(277, 367),
    correct: 277,
    total: 367,
  });
});

test('does not count copies of the same predictions as more images', () => {
  const row = Uint8Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 0 : 1));
  const [lo, hi] = pooledAccuracy([row, row, row, row]).ci95;
  const [wilsonLo, wilsonHi] = wilsonInterval(150, 200);
  expect(Math.abs(hi - lo - (wilsonHi - wilsonLo))).toBeLessThan(0.015);
});

test('is never certain without spread', () => {
  const right = new Uint8Array(20).fill(1);
  expect(pooledAccuracy([right, right])).toEqual({
    accuracy: 1,
    ci95: wilsonInterval(20, 20),
    correct: 40,
    total: 40,
  });
  expect(pooledAccuracy([new Uint8Array(20), new Uint8Array(20)]).ci95).toEqual(
    wilsonInterval(0, 20),
  );
});

test.each([10, 100, 367])(
  'is not surer with a few mistakes than with none, on %i images',
  (images) => {
    const right = new Uint8Array(images).fill(1);
    const mistakes = Uint8Array.from(right, (_, i) => (i < 2 ? 0 : 1));
    const least = ([low]: [number, number]): number => low;
    const none = least(pooledAccuracy([right, right, right]).ci95);
    const one = least(
      pooledAccuracy([right, right, Uint8Array.from(right, (_, i) => Number(i > 0))]).ci95,
    );
    expect(one).toBeLessThan(none);
    expect(least(pooledAccuracy([right, right, mistakes]).ci95)).toBeLessThan(one);
    const wrong = (row: Uint8Array): Uint8Array => row.map((value) => 1 - value);
    expect(pooledAccuracy([wrong(right), wrong(right), wrong(mistakes)]).ci95[1]).toBeGreaterThan(
      1 - one,
    );
  },
);

test('has the accuracy inside an interval in 0..1', () => {
  fc.assert(
    fc.property(matrixPairs, ([matrix]) => {
      const { accuracy, ci95, correct, total } = pooledAccuracy(matrix, { resamples: 200 });
      expect(accuracy).toBe(correct / total);
      expect(ci95[0]).toBeGreaterThanOrEqual(0);
      expect(ci95[0]).toBeLessThanOrEqual(accuracy);
      expect(ci95[1]).toBeGreaterThanOrEqual(accuracy);
      expect(ci95[1]).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});
