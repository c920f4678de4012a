import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPair, matrixPairs } from '../../test/statistics/matrices.ts';
import { scipy } from '../../test/statistics/scipy.ts';
import { accuracyOverSeeds, compareOverSeeds } from './over-seeds.ts';

const rightOn = (count: number, images: number): Uint8Array =>
  Uint8Array.from({ length: images }, (_, i) => (i < count ? 1 : 0));

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
  expect(compareOverSeeds([rightOn(3, 4)], [rightOn(1, 4)])).toEqual({
    values: [0.5],
    mean: 0.5,
    sd: null,
    ci95: null,
    p: null,
  });
});

test('seeds that agree to the last image are as good as seeds of which one is off by an image', () => {
  const [a, b, c] = [rightOn(7, 10), rightOn(4, 10), rightOn(6, 10)];
  // With two seeds Student's t has one degree of freedom: p is 1 - 2/π atan(t), t is 2 x 3 images.
  const two = compareOverSeeds([a, a], [b, b]);
  expect(two).toMatchObject({ mean: expect.closeTo(0.3, 12) as number, sd: 0 });
  expect(two.p).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(6), 12);
  expect(two.ci95![0]).toBeCloseTo(0.3 - 12.706204736 / 20, 8);
  const [agreeing, other] = [
    compareOverSeeds([a, a, a], [b, b, b]),
    compareOverSeeds([a, a, c], [b, b, b]),
  ];
  expect(agreeing.ci95![1] - agreeing.ci95![0]).toBeCloseTo(other.ci95![1] - other.ci95![0], 12);
  expect(agreeing.p).toBeLessThan(other.p!);
  expect(agreeing.p).toBeGreaterThan(0.01);
  const none = compareOverSeeds([a, a, a], [a, a, a]);
  expect(none).toMatchObject({ mean: 0, sd: 0, p: 1 });
  expect(none.ci95![0]).toBeLessThan(0);
});

test.each([2, 3, 5])(
  'finds a difference that is not there at most 5 times in 100 where %s seeds often agree',
  (seeds) => {
    const compared = Array.from({ length: 4000 }, (_, trial) => {
      const [a, b] = drawPair({ seeds, images: 20, onlyA: 0.05, onlyB: 0.05, both: 0.5 }, trial);
      return compareOverSeeds(a, b);
    });
    if (seeds === 2)
      expect(compared.filter(({ sd, mean }) => sd === 0 && mean !== 0).length).toBeGreaterThan(400);
    // Standard error of the simulation: 0.0034.
    expect(compared.filter(({ p }) => p! < 0.05).length / compared.length).toBeLessThan(0.06);
  },
);

test('refuses other seeds or images', () => {
  expect(() => compareOverSeeds([rightOn(1, 2)], [rightOn(1, 3)])).toThrow(RangeError);
  expect(() => accuracyOverSeeds([])).toThrow(RangeError);
});
