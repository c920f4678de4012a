import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chiSquareUniform,
  expectSameDistribution,
  kolmogorovSmirnov,
  type QuantileFixture,
} from '../../test/distribution.ts';
import { readFixtures } from '../../test/fixtures.ts';
import { createRandom } from '../rng.ts';
import { sampleResizedCrop } from './random-resized-crop.ts';

const { crops } = readFixtures('torchvision') as {
  crops: (QuantileFixture & { width: number; height: number })[];
};
const options = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], maxAttempts: 10 } as const;

describe('sampleResizedCrop', () => {
  it.each(crops)(
    'draws the same distribution as torchvision for a $width x $height image',
    (fixture) => {
      const { width, height, draws } = fixture;
      const rects = Array.from({ length: draws }, (_, i) =>
        sampleResizedCrop({ width, height }, options, createRandom(2, 'view', 0, i)),
      );
      expectSameDistribution(
        'area',
        rects.map((rect) => (rect.width * rect.height) / (width * height)),
        fixture,
      );
      expectSameDistribution(
        'ratio',
        rects.map((rect) => rect.width / rect.height),
        fixture,
      );
      expectSameDistribution(
        'x',
        rects.map(({ x }) => x),
        fixture,
      );
      expectSameDistribution(
        'y',
        rects.map(({ y }) => y),
        fixture,
      );
    },
  );

  it('follows the closed forms when every attempt fits: uniform area, log-uniform ratio, uniform position', () => {
    // With at most half of the area and a ratio up to 4/3, every crop fits a square. The square is
    // so large that rounding does not matter.
    const side = 100_000;
    const n = 20_000;
    const random = createRandom(3);
    const rects = Array.from({ length: n }, () =>
      sampleResizedCrop({ width: side, height: side }, { ...options, scale: [0.08, 0.5] }, random),
    );
    // 99.99 % quantile of the Kolmogorov-Smirnov statistic.
    const limit = 2.23 / Math.sqrt(n);
    const area = kolmogorovSmirnov(
      rects.map((rect) => (rect.width * rect.height) / side ** 2),
      (a) => (a - 0.08) / 0.42,
    );
    const ratio = kolmogorovSmirnov(
      rects.map((rect) => rect.width / rect.height),
      (r) => Math.log(r / 0.75) / Math.log(16 / 9),
    );
    const x = kolmogorovSmirnov(
      rects.map((rect) => rect.x / (side - rect.width)),
      (part) => part,
    );
    const y = kolmogorovSmirnov(
      rects.map((rect) => rect.y / (side - rect.height)),
      (part) => part,
    );
    expect(Math.max(area, ratio, x, y)).toBeLessThan(limit);
  });

  it('reaches every position in a small image equally often', () => {
    // Half of the area with ratio 1 is a 7 x 7 crop of 10 x 10: 16 positions.
    const counts = new Array<number>(16).fill(0);
    for (let seed = 0; seed < 16_000; seed++) {
      const { x, y } = sampleResizedCrop(
        { width: 10, height: 10 },
        { scale: [0.5, 0.5], ratio: [1, 1], maxAttempts: 1 },
        createRandom(seed),
      );
      counts[y * 4 + x]! += 1;
    }
    // 99.99 % quantile of chi-square with 15 degrees of freedom.
    expect(chiSquareUniform(counts)).toBeLessThan(44.3);
  });

  it('stays inside the image, with area and ratio in their ranges up to rounding', () => {
    const side = fc.integer({ min: 1, max: 900 });
    fc.assert(
      fc.property(side, side, fc.integer(), (width, height, seed) => {
        const rect = sampleResizedCrop({ width, height }, options, createRandom(seed));
        expect(
          rect.x >= 0 &&
            rect.y >= 0 &&
            rect.x + rect.width <= width &&
            rect.y + rect.height <= height,
        ).toBe(true);
        expect(rect.width >= 1 && rect.height >= 1).toBe(true);
        expect([rect.x, rect.y, rect.width, rect.height].every(Number.isInteger)).toBe(true);
        // Each side is off by at most half a pixel. A very thin image has no crop in the range.
        expect((rect.width + 0.5) * (rect.height + 0.5)).toBeGreaterThanOrEqual(
          Math.min(0.08 * width * height, 1),
        );
        const thin = Math.min(width, height) === 1;
        expect(thin || (rect.width - 0.5) / (rect.height + 0.5) <= 4 / 3).toBe(true);
        expect(thin || (rect.width + 0.5) / (rect.height - 0.5) >= 3 / 4).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('falls back to the centred crop with the clamped ratio, or to the whole image', () => {
    const never = { ...options, maxAttempts: 0 };
    expect(sampleResizedCrop({ width: 400, height: 100 }, never, createRandom(0))).toEqual({
      x: 133,
      y: 0,
      width: 133,
      height: 100,
    });
    expect(sampleResizedCrop({ width: 90, height: 401 }, never, createRandom(0))).toEqual({
      x: 0,
      y: 140,
      width: 90,
      height: 120,
    });
    expect(sampleResizedCrop({ width: 110, height: 100 }, never, createRandom(0))).toEqual({
      x: 0,
      y: 0,
      width: 110,
      height: 100,
    });
  });

  it('always draws the same crops from one stream, so that runs can be repeated by seed', () => {
    const random = createRandom(0, 'view', 0, 0);
    const rects = Array.from({ length: 3 }, () =>
      sampleResizedCrop({ width: 500, height: 375 }, options, random),
    );
    expect(rects).toMatchInlineSnapshot(`
      [
        {
          "height": 216,
          "width": 186,
          "x": 209,
          "y": 94,
        },
        {
          "height": 370,
          "width": 448,
          "x": 21,
          "y": 4,
        },
        {
          "height": 190,
          "width": 162,
          "x": 328,
          "y": 109,
        },
      ]
    `);
  });
});
