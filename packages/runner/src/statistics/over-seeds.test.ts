import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matrixPairs } from '../../test/statistics/matrices.ts';
import { scipy } from '../../test/statistics/scipy.ts';
import { accuracyOverSeeds, compareOverSeeds } from './over-seeds.ts';

const rightOn = (count: number, images: number): Uint8Array => Uint8Array.from({ length: images }, (_, i) => (i < count ? 1 : 0));

test('equals the paired t-test of scipy', () => {
  for (const { a, b, images, sdA, p, interval } of scipy.overSeeds) {
    const [left, right] = [a, b].map((counts) => counts.map((count) => rightOn(count, images)));
    const result = compareOverSeeds(left!, right!);
    expect(result.p).toBeCloseTo(p, 10);
    expect(result.ci95![0]).toBeCloseTo(interval[0], 10);
    expect(result.ci95![1]).toBeCloseTo(interval[1], 10);
    expect(accuracyOverSeeds(left!).sd).toBeCloseTo(sdA, 12);
    expect(accuracyOverSeeds(left!).values).toEqual(a.map((count) => count / images));
  }
});

test('is antisymmetric, and its mean is the difference of the means', () => {
  fc.assert(
    fc.property(matrixPairs, ([a, b]) => {
      const [there, back] = [compareOverSeeds(a, b), compareOverSeeds(b, a)];
      expect(back.mean).toBeCloseTo(-there.mean, 12);
      expect(back.p).toEqual(there.p === null ? null : expect.closeTo(there.p, 12));
      expect(there.mean).toBeCloseTo(accuracyOverSeeds(a).mean - accuracyOverSeeds(b).mean, 12);
    }),
  );
});

test('one seed has no spread and no test', () => {
  expect(compareOverSeeds([rightOn(3, 4)], [rightOn(1, 4)])).toEqual({ values: [0.5], mean: 0.5, sd: null, ci95: null, p: null });
});

test('seeds that agree to the last image leave no doubt, seeds without any difference show none', () => {
  const [a, b] = [rightOn(7, 10), rightOn(4, 10)];
  expect(compareOverSeeds([a, a, a], [b, b, b])).toMatchObject({ sd: 0, p: 0 });
  expect(compareOverSeeds([a, a, a], [a, a, a])).toMatchObject({ mean: 0, sd: 0, p: 1, ci95: [0, 0] });
});

test('refuses other seeds or images', () => {
  expect(() => compareOverSeeds([rightOn(1, 2)], [rightOn(1, 3)])).toThrow(RangeError);
  expect(() => accuracyOverSeeds([])).toThrow(RangeError);
});
