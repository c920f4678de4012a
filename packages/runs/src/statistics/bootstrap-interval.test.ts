import { expect, test } from 'vitest';
import { bootstrapInterval } from './bootstrap-interval.ts';
import { scipy } from '../../test/statistics/scipy.ts';
import { drawPair, share } from '../../test/statistics/matrices.ts';

test('equals the percentile bootstrap of scipy', () => {
  for (const { a, b, interval } of scipy.pairedBootstrap) {
    const [lo, hi] = bootstrapInterval([a.map((value, i) => value - b[i]!)]);
    // A resampled mean moves in steps of one image; both ends may fall on the next step.
    const tolerance = 1.5 / a.length;
    expect(Math.abs(lo - interval[0])).toBeLessThan(tolerance);
    expect(Math.abs(hi - interval[1])).toBeLessThan(tolerance);
  }
});

test('repeats for a seed and changes with it', () => {
  const values = [Array.from({ length: 97 }, (_, i) => (i * 7919) % 101)];
  expect(bootstrapInterval(values, { seed: 4 })).toEqual(bootstrapInterval(values, { seed: 4 }));
  expect(bootstrapInterval(values, { seed: 4 })).not.toEqual(
    bootstrapInterval(values, { seed: 5 }),
  );
});

test('keeps the seeds of an image together', () => {
  const one = Array.from({ length: 60 }, (_, i) => i % 2);
  const once = bootstrapInterval([one]);
  const copied = bootstrapInterval([one, one, one]);
  // Three identical seeds tell no more than one.
  expect(copied[1] - copied[0]).toBeCloseTo(once[1] - once[0], 1);
});

test('shows the spread between seeds', () => {
  const [lo, hi] = bootstrapInterval([Array<number>(1000).fill(0), Array<number>(1000).fill(1)]);
  expect([lo, hi]).toEqual([0, 1]);
});

const population = { images: 120, onlyA: 0.18, onlyB: 0.1, both: 0.5 };

function coverage(seeds: number): number {
  return share(300, (trial) => {
    const [a, b] = drawPair({ ...population, seeds }, trial);
    const [lo, hi] = bootstrapInterval(
      a.map((row, s) => Array.from(row, (value, i) => value - b[s]![i]!)),
      { resamples: 400, seed: trial },
    );
    return lo <= 0.08 && 0.08 <= hi;
  });
}

test('covers the true difference about 95 times in 100 with one seed', () => {
  const covered = coverage(1);
  expect(covered).toBeGreaterThan(0.92);
  expect(covered).toBeLessThan(0.98);
});

test('covers at least as often with several seeds', () => {
  expect(coverage(3)).toBeGreaterThan(0.93);
});

test('rejects too few resamples', () => {
  expect(() => bootstrapInterval([[1]], { resamples: 99 })).toThrow(
    'resamples must be an integer of at least 100, got 99.',
  );
});
