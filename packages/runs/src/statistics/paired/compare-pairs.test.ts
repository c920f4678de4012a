import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPair, matrixPairs } from '../../../test/statistics/matrices.ts';
import { comparePairs } from './compare-pairs.ts';
import { compareOverSeeds } from '../over-seeds.ts';
import { comparePaired } from './paired-comparison.ts';

const options = { resamples: 100 };

test('contains the results of single comparisons, and no corrected p is below its own', () => {
  const pairs = fc.array(
    matrixPairs.map(([a, b]) => ({ a, b })),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(pairs, (given) => {
      comparePairs(given, options).forEach((comparison, i) => {
        const { a, b } = given[i]!;
        expect(comparison).toMatchObject(comparePaired(a, b, options));
        expect(comparison.overSeeds).toMatchObject(compareOverSeeds(a, b));
        expect(comparison.pAdjusted).toBeGreaterThanOrEqual(comparison.p);
        const { p, pAdjusted } = comparison.overSeeds;
        expect(pAdjusted === null).toBe(p === null);
        if (p !== null) expect(pAdjusted).toBeGreaterThanOrEqual(p);
      });
    }),
    { numRuns: 40 },
  );
});

test('does not fail for many seeds that all differ much', () => {
  const [a, b] = drawPair({ seeds: 21, images: 367, onlyA: 0.3, onlyB: 0, both: 0.5 }, 1);
  for (let trial = 0; trial < 20; trial++) {
    const pair = drawPair({ seeds: 21, images: 367, onlyA: 0.3, onlyB: 0, both: 0.5 }, trial);
    expect(
      comparePairs([{ a: pair[0], b: pair[1] }], options)[0]!.overSeeds.p,
    ).toBeGreaterThanOrEqual(0);
  }
  expect(
    comparePairs(
      [
        { a, b, sameSeeds: false },
        { a, b },
      ],
      options,
    )[1]!.overSeeds.pAdjusted,
  ).toBe(comparePairs([{ a, b }], options)[0]!.overSeeds.pAdjusted);
  expect(comparePairs([{ a, b, sameSeeds: false }], options)[0]!.overSeeds).toMatchObject({
    p: null,
    ci95: null,
    pAdjusted: null,
  });
});

test('corrects both families by Holm, also where some pairs have one seed only', () => {
  const rightOn = (count: number): Uint8Array =>
    Uint8Array.from({ length: 40 }, (_, i) => (i < count ? 1 : 0));
  const strong = { a: [rightOn(40), rightOn(39)], b: [rightOn(10), rightOn(8)] };
  const single = { a: [rightOn(40)], b: [rightOn(10)] };
  const weak = { a: [rightOn(20), rightOn(22)], b: [rightOn(20), rightOn(21)] };
  const [first, second, third] = comparePairs([strong, single, weak], options);
  expect(first).toMatchObject({
    verdict: 'better',
    overSeeds: { pAdjusted: 2 * first!.overSeeds.p! },
  });
  expect(second).toMatchObject({ verdict: 'better', overSeeds: { p: null, pAdjusted: null } });
  expect(third).toMatchObject({
    verdict: 'not distinguishable',
    overSeeds: { pAdjusted: third!.overSeeds.p },
  });
  expect(third!.smallestDetectable).toBeGreaterThan(0);
  expect(comparePairs([])).toEqual([]);
});
