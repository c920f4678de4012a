import { expect, it } from 'vitest';
import { powerFixtures } from '../../../test/statistics/power-fixtures.ts';
import { differenceVariance } from './difference-variance.ts';

const rows = (values: readonly number[][]): Uint8Array[] =>
  values.map((row) => Uint8Array.from(row));

it("differenceVariance is that of statsmodels' mean squares", () => {
  for (const { a, b, betweenImages, betweenSeeds, residual } of powerFixtures.variance) {
    const [seeds, images] = [a.length, a[0]!.length];
    const result = differenceVariance(rows(a), rows(b));
    expect(result.residual).toBeCloseTo(residual, 10);
    expect(result.overImages).toBeCloseTo(Math.max(0, betweenImages - residual) / seeds, 10);
    expect(result.overSeeds).toBeCloseTo(Math.max(0, betweenSeeds - residual) / images, 10);
  }
});

it('differenceVariance needs two seeds and two images', () => {
  const one = rows([[1, 0]]);
  expect(() => differenceVariance(one, one)).toThrow(
    'a and b must have at least 2 seeds and 2 images, got 1 x 2.',
  );
  const narrow = rows([[1], [0]]);
  expect(() => differenceVariance(narrow, narrow)).toThrow('got 2 x 1.');
});
