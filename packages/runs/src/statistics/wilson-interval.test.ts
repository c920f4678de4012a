import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scipy } from '../../test/statistics/scipy.ts';
import { wilsonInterval } from './wilson-interval.ts';

test('equals scipy', () => {
  for (const { correct, total, confidence, interval } of scipy.wilson) {
    const [lo, hi] = wilsonInterval(correct, total, confidence);
    expect(lo).toBeCloseTo(interval[0], 12);
    expect(hi).toBeCloseTo(interval[1], 12);
  }
});

const counts = fc
  .integer({ min: 1, max: 100_000 })
  .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));

test('holds the observed rate, stays in 0..1, and mirrors when successes and failures swap', () => {
  fc.assert(
    fc.property(counts, ([correct, total]) => {
      const [lo, hi] = wilsonInterval(correct, total);
      const [mirroredLo, mirroredHi] = wilsonInterval(total - correct, total);
      expect(lo).toBeGreaterThanOrEqual(0);
      expect(lo).toBeLessThanOrEqual(correct / total);
      expect(hi).toBeGreaterThanOrEqual(correct / total);
      expect(hi).toBeLessThanOrEqual(1);
      expect(mirroredLo).toBeCloseTo(1 - hi, 12);
      expect(mirroredHi).toBeCloseTo(1 - lo, 12);
    }),
  );
});

test('covers the true rate 95 times in 100 (exact, averaged over rates)', () => {
  const total = 50;
  const rates = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  let coverage = 0;
  for (const rate of rates) {
    let probability = (1 - rate) ** total;
    for (let correct = 0; correct <= total; correct++) {
      const [lo, hi] = wilsonInterval(correct, total);
      if (lo <= rate && rate <= hi) coverage += probability / rates.length;
      probability *= ((total - correct) / (correct + 1)) * (rate / (1 - rate));
    }
  }
  expect(coverage).toBeGreaterThan(0.945);
  expect(coverage).toBeLessThan(0.96);
});

test.each([
  [1, 0, 0.95, 'total must be an integer of at least 1, got 0.'],
  [1, 2.5, 0.95, 'total must be an integer of at least 1, got 2.5.'],
  [3, 2, 0.95, 'correct must be from 0 to 2, got 3.'],
  [-1, 2, 0.95, 'correct must be from 0 to 2, got -1.'],
  [1, 2, 1, 'confidence must be between 0 and 1, got 1.'],
])('rejects %s of %s at %s', (correct, total, confidence, message) => {
  expect(() => wilsonInterval(correct, total, confidence)).toThrow(message);
});
