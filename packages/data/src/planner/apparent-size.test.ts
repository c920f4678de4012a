import { flowerSizes } from '@fixres/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortSide, uniformAreaCrop } from '../../test/draw-views.ts';
import type { Size } from '../geometry/view.ts';
import { fixresTest, resize, sampledBoundingBoxCrop } from '../policies/keras-fixres.ts';
import { type Policy, viewOf } from '../policies/policy.ts';
import { apparentSizeRatios, type DrawView, simulateTraining } from './apparent-size.ts';
import { meanCropScale } from './mean-crop-scale.ts';
import { ratioDistribution } from './ratio-distribution.ts';

const draw =
  (policy: Policy): DrawView =>
  (image, random) =>
    viewOf(policy, image, random);

function meanRatio(
  sizes: readonly Size[],
  train: DrawView,
  test: DrawView,
  draws?: number,
): number {
  return ratioDistribution(
    apparentSizeRatios(simulateTraining(sizes, train, draws === undefined ? {} : { draws }), test),
  ).mean;
}

describe('apparent size against closed forms', () => {
  const squares = Array.from({ length: 50 }, (_, i) => ({ width: 2000 + i, height: 2000 + i }));
  const within = 0.01;

  it.each([
    [[0.08, 1], 0.7082],
    [[0.05, 1], 0.6939],
    [[0.25, 0.25], 0.5],
    [[0.4, 0.6], 0.7059],
  ] as const)('uniform area %j: E[s] = %f', (area, expected) => {
    expect(meanCropScale(area)).toBeCloseTo(expected, 4);
    // Square crops of a square image always fit.
    const train = uniformAreaCrop(224, area, [1, 1]);
    for (const side of [224, 320]) {
      const closed = (meanCropScale(area) * side) / 224;
      expect(Math.abs(meanRatio(squares, train, draw(resize(side))) / closed - 1)).toBeLessThan(
        within,
      );
    }
  });

  // Train crop (0.08, 1) at the first size; for evaluation, short side resized to the second.
  it.each([
    ['timm 224 -> 288', 224, 288, 0.91],
    ['torchvision 176 -> 232', 176, 232, 0.93],
    ['timm A3 160 -> 224 / 0.95', 160, 224 / 0.95, 1.04],
    ['ffcv 192 -> 256 / 0.875', 192, 256 / 0.875, 1.08],
    ['FixRes 224 -> 320', 224, (320 * 256) / 224, 1.16],
    ['FixRes 224 -> 384', 224, (384 * 256) / 224, 1.39],
    ['FixRes 128 -> 224', 128, 256, 1.42],
  ])('published recipe %s', (_, train, side, expected) => {
    const closed = (meanCropScale([0.08, 1]) * side) / train;
    expect(Math.abs(closed - expected)).toBeLessThan(0.006);
    const simulated = meanRatio(
      squares,
      uniformAreaCrop(train, [0.08, 1], [1, 1]),
      shortSide(side),
    );
    expect(Math.abs(simulated / closed - 1)).toBeLessThan(within);
  });

  it.each([
    ['square', 1, 1],
    ['4:3', 4, 3],
    ['portrait 2:3', 2, 3],
  ])('sampledBoundingBoxCrop on large %s images', (_, across, down) => {
    // TensorFlow draws a uniform aspect ratio r, then a uniform *height* between that of the
    // smallest area and the largest that fits. So s is uniform between sqrt(0.05) and sqrt(min(r /
    // a, a / r)), where a is the image's own ratio.
    const a = across / down;
    const steps = 10_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const r = 0.75 + ((i + 0.5) / steps) * (1.33 - 0.75);
      sum += (Math.sqrt(0.05) + Math.sqrt(Math.min(r / a, a / r))) / 2;
    }
    const sizes = Array.from({ length: 20 }, (__, i) => ({
      width: (600 + i) * across,
      height: (600 + i) * down,
    }));
    const simulated = meanRatio(sizes, draw(sampledBoundingBoxCrop(128)), draw(resize(128)));
    expect(Math.abs(simulated / (sum / steps) - 1)).toBeLessThan(within);
  });

  it.each([
    ['squash', draw(resize(96)), draw(resize(160)), () => 160 / 96],
    [
      'squash, then crop',
      draw(resize(96)),
      draw(fixresTest({ trainSize: 96, size: 144 })),
      () => 216 / 96,
    ],
    [
      'short side',
      draw(resize(96)),
      shortSide(96),
      ({ width, height }: Size) => Math.sqrt(Math.max(width / height, height / width)),
    ],
  ])('resizing at train and test time is exact: %s', (_, train, test, expected) => {
    for (const image of [
      { width: 600, height: 400 },
      { width: 300, height: 450 },
      { width: 96, height: 192 },
    ]) {
      const ratios = apparentSizeRatios(simulateTraining([image], train, { draws: 3 }), test);
      expect([...ratios].every((ratio) => Math.abs(ratio - expected(image)) < 1e-9)).toBe(true);
    }
  });
});

describe('apparent size on the flower photos', () => {
  const sizes = flowerSizes();
  const seedTest = draw(fixresTest({ trainSize: 128, size: 224 }));

  it('matches the FixRes reference for crops of uniform area', () => {
    const at = (size: number): DrawView => uniformAreaCrop(size, [0.05, 1], [0.75, 1.33]);
    expect(Math.abs(meanRatio(sizes, at(128), seedTest) - 1.85)).toBeLessThan(0.01);
    expect(Math.abs(meanRatio(sizes, at(224), draw(resize(224))) - 0.6)).toBeLessThan(0.01);
    expect(Math.abs(meanRatio(sizes, at(128), shortSide(183)) - 1.015)).toBeLessThan(0.005);
  });

  it("matches TensorFlow's own sampler", () => {
    // Means over 5 crops of each photo by tf.image.sample_distorted_bounding_box 2.21 (its standard
    // error is 0.0014 of s).
    const seed = sampledBoundingBoxCrop(128);
    expect(Math.abs(meanRatio(sizes, draw(seed), seedTest) - 1.651)).toBeLessThan(0.012);
    expect(
      Math.abs(meanRatio(sizes, draw(sampledBoundingBoxCrop(224)), draw(resize(224))) - 0.539),
    ).toBeLessThan(0.004);
    expect(Math.abs(meanRatio(sizes, draw(seed), shortSide(183)) - 0.907)).toBeLessThan(0.007);
  });
});

describe('properties of the apparent size', () => {
  const image = fc.record({
    width: fc.integer({ min: 100, max: 400 }),
    height: fc.integer({ min: 100, max: 400 }),
  });
  const images = fc.array(image, { minLength: 1, maxLength: 6 });
  const train = draw(sampledBoundingBoxCrop(64));

  it('scaling all images by k changes nothing', () => {
    fc.assert(
      fc.property(image, fc.integer({ min: 2, max: 9 }), ({ width, height }, k) => {
        const at = (scale: number): number =>
          meanRatio(
            [{ width: width * scale, height: height * scale }],
            train,
            draw(resize(64)),
            10_000,
          );
        // Six standard deviations of the difference of two such means.
        expect(Math.abs(at(k) / at(1) - 1)).toBeLessThan(0.03);
      }),
      { numRuns: 30 },
    );
  });

  it('the order of images does not matter, and every image counts', () => {
    fc.assert(
      fc.property(images, (sizes) => {
        const views = simulateTraining(sizes, train, { draws: 5 });
        const ratios = apparentSizeRatios(views, draw(resize(64)));
        expect(ratios).toHaveLength(sizes.length * 5);
        const reversed = simulateTraining([...sizes].reverse(), train, { draws: 5 });
        expect(apparentSizeRatios(reversed, draw(resize(64)))).toEqual(ratios);
      }),
    );
  });

  it('swapping train and test inverts the ratio, and the ratio grows with the test size', () => {
    fc.assert(
      fc.property(
        images,
        fc.integer({ min: 16, max: 200 }),
        fc.integer({ min: 16, max: 200 }),
        (sizes, a, b) => {
          const there = apparentSizeRatios(
            simulateTraining(sizes, draw(resize(a)), { draws: 1 }),
            draw(resize(b)),
          );
          const back = apparentSizeRatios(
            simulateTraining(sizes, draw(resize(b)), { draws: 1 }),
            draw(resize(a)),
          );
          there.forEach((ratio, i) => {
            expect(ratio).toBeCloseTo(b / a, 9);
            expect(ratio * back[i]!).toBeCloseTo(1, 9);
          });
        },
      ),
    );
  });

  it('percentiles ascend from the smallest to the largest ratio, and the spread is that of the logarithms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (values) => {
          const sorted = Float64Array.from(values).sort();
          const { percentiles, p10, p50, p90, logSpread } = ratioDistribution(sorted);
          expect(percentiles).toEqual([...percentiles].sort((x, y) => x - y));
          expect([percentiles[0], percentiles[100]]).toEqual([sorted[0], sorted.at(-1)]);
          expect(p10 <= p50 && p50 <= p90).toBe(true);
          expect(ratioDistribution(sorted.map((ratio) => ratio * 3)).logSpread).toBeCloseTo(
            logSpread,
            9,
          );
        },
      ),
    );
  });
});
