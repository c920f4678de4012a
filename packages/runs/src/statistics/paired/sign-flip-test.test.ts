import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcnemarExact } from './mcnemar.ts';
import { signFlipTest } from './sign-flip-test.ts';
import { scipy } from '../../../test/statistics/scipy.ts';

test('equals the permutation test of scipy', () => {
  for (const { a, b, exact, p } of scipy.signFlip) {
    const sums = a[0]!.map((_, i) => a.reduce((sum, row, s) => sum + row[i]! - b[s]![i]!, 0));
    // Where scipy draws 50,000 sign patterns its standard error is at most 0.0023.
    expect(Math.abs(signFlipTest(sums) - p)).toBeLessThan(exact ? 1e-12 : 0.009);
  }
});

test('equals a count of all sign patterns', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 9 }), (differences) => {
      const observed = Math.abs(differences.reduce((sum, d) => sum + d, 0));
      let extreme = 0;
      for (let pattern = 0; pattern < 2 ** differences.length; pattern++) {
        const sum = differences.reduce((total, d, i) => total + ((pattern >> i) & 1 ? d : -d), 0);
        if (Math.abs(sum) >= observed) extreme++;
      }
      expect(signFlipTest(differences)).toBeCloseTo(extreme / 2 ** differences.length, 12);
    }),
  );
});

test("is McNemar's exact test for differences of -1, 0 and 1, also where the ends of the distribution underflow", () => {
  for (const [plus, minus] of [
    [7, 2],
    [40, 61],
    [2000, 2150],
    [0, 5],
  ] as const) {
    const differences = [...Array<number>(plus).fill(1), ...Array<number>(minus).fill(-1), 0, 0];
    expect(signFlipTest(differences) / mcnemarExact(plus, minus)).toBeCloseTo(1, 8);
  }
});

test('is 1 without any difference', () => {
  expect(signFlipTest([])).toBe(1);
  expect(signFlipTest([0, 0, 0])).toBe(1);
});
