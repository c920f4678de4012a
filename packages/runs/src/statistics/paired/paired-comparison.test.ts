import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcnemarExact } from './mcnemar.ts';
import { comparePaired } from './paired-comparison.ts';
import { scipy } from '../../../test/statistics/scipy.ts';
import { drawPair, matrixPairs, share } from '../../../test/statistics/matrices.ts';

const rows = (bits: number[][]): Uint8Array[] => bits.map((row) => Uint8Array.from(row));

test('counts discordant images with one seed', () => {
  const a = [Uint8Array.of(1, 1, 1, 1, 0, 0, 1, 1)];
  const b = [Uint8Array.of(0, 0, 0, 1, 1, 0, 1, 1)];
  const result = comparePaired(a, b);
  expect(result).toMatchObject({ difference: 0.25, p: mcnemarExact(3, 1), test: 'mcnemar-exact' });
});

test('tests over images, not over images x seeds, with several seeds', () => {
  for (const { a, b, exact, p } of scipy.signFlip) {
    const result = comparePaired(rows(a), rows(b), { resamples: 100 });
    expect(result.test).toBe('sign-flip permutation');
    expect(Math.abs(result.p - p)).toBeLessThan(exact ? 1e-12 : 0.009);
  }
});

test('gives the opposite when the arms swap, inside the possible ranges', () => {
  fc.assert(
    fc.property(matrixPairs, ([a, b]) => {
      const forward = comparePaired(a, b, { resamples: 100 });
      const backward = comparePaired(b, a, { resamples: 100 });
      expect(backward.difference).toBeCloseTo(-forward.difference, 12);
      expect(backward.ci95[0]).toBeCloseTo(-forward.ci95[1], 12);
      expect(backward.ci95[1]).toBeCloseTo(-forward.ci95[0], 12);
      expect(backward.p).toBe(forward.p);
      expect(forward.p).toBeGreaterThanOrEqual(0);
      expect(forward.p).toBeLessThanOrEqual(1);
      expect(forward.ci95[0]).toBeGreaterThanOrEqual(-1);
      expect(forward.ci95[0]).toBeLessThanOrEqual(forward.ci95[1]);
      expect(forward.ci95[1]).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

test('finds nothing between an arm and itself', () => {
  const [a] = drawPair({ seeds: 2, images: 50, onlyA: 0.2, onlyB: 0.2, both: 0.4 }, 1);
  expect(comparePaired(a, a)).toEqual({
    difference: 0,
    ci95: [0, 0],
    p: 1,
    test: 'sign-flip permutation',
  });
});

test.each([1, 3])(
  'finds a difference that is not there at most 5 times in 100 (%s seeds)',
  (seeds) => {
    const falseFindings = share(400, (trial) => {
      const [a, b] = drawPair({ seeds, images: 100, onlyA: 0.15, onlyB: 0.15, both: 0.5 }, trial);
      return comparePaired(a, b, { resamples: 100 }).p < 0.05;
    });
    // Standard error of the simulation: 0.011.
    expect(falseFindings).toBeLessThan(0.075);
    expect(falseFindings).toBeGreaterThan(0.005);
  },
);
