import { describe, expect, it } from 'vitest';
import {
  chiSquareUniform,
  expectSameDistribution,
  type QuantileFixture,
} from '../../../test/distribution.ts';
import { readFixtures } from '../../../test/fixtures.ts';
import { pattern } from '../../../test/pattern.ts';
import { adjustPixels } from '../../pixels/adjust-pixels.ts';
import { createRandom } from '../../rng.ts';
import { drawAugment } from './draw-augment.ts';
import { augmentNames } from './augment-names.ts';
import { augmentStep } from './augment-step-of.ts';
import type { AugmentStep } from './augment-step.ts';

const size = { width: 48, height: 32 };
const step = (...entry: Parameters<typeof augmentStep>): AugmentStep =>
  augmentStep(...entry) as AugmentStep;

it.each(augmentNames)(
  '%s draws plain data that only the stream decides, and can be drawn',
  (name) => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const adjustments = drawAugment(step(name), size, createRandom(seed));
      expect(JSON.parse(JSON.stringify(adjustments))).toEqual(adjustments);
      expect(drawAugment(step(name), size, createRandom(seed))).toEqual(adjustments);
      kinds.add(JSON.stringify(adjustments));
      const image = pattern(size.height, size.width);
      adjustPixels(image, adjustments);
      const again = pattern(size.height, size.width);
      adjustPixels(again, adjustments);
      expect(image.data).toEqual(again.data);
    }
    expect(kinds.size).toBeGreaterThan(1);
  },
);

describe('randAugment', () => {
  it('draws every operation as often, each sign in half of the images', () => {
    const counts = new Map<string, number>();
    const signs = [0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      const [first] = drawAugment(
        step({ op: 'randAugment', numOps: 1 }),
        size,
        createRandom(seed, 'operations'),
      );
      const op = first?.op ?? 'identity';
      counts.set(op, (counts.get(op) ?? 0) + 1);
      if (op === 'rotate' && first && 'amount' in first) signs[first.amount < 0 ? 0 : 1]! += 1;
    }
    expect(counts.size).toBe(14);
    // 99.99 % quantiles of chi-square with 13 degrees of freedom and with 1.
    expect(chiSquareUniform([...counts.values()])).toBeLessThan(40.9);
    expect(chiSquareUniform(signs)).toBeLessThan(15.2);
  });

  it('applies numOps operations with the strength of its magnitude', () => {
    for (let seed = 0; seed < 200; seed++) {
      const adjustments = drawAugment(
        step({ op: 'randAugment', numOps: 3, magnitude: 30, interpolation: 'bilinear' }),
        size,
        createRandom(seed),
      );
      expect(adjustments.length).toBeLessThanOrEqual(3);
      for (const adjustment of adjustments) {
        if (adjustment.op === 'rotate') expect(Math.abs(adjustment.amount)).toBe(30);
        if (adjustment.op === 'posterize') expect(adjustment.bits).toBe(4);
        if (adjustment.op === 'translateX') expect(Math.abs(adjustment.amount)).toBe(21);
        if ('interpolation' in adjustment) expect(adjustment.interpolation).toBe('bilinear');
      }
    }
  });
});

describe("randAugment with timm's settings", () => {
  /** Angles of all rotations among 24,000 operations: the magnitudes of 0 to 30. */
  const anglesWith = (settings: object): number[] =>
    Array.from({ length: 1200 }, (_, seed) =>
      drawAugment(
        step({ op: 'randAugment', numOps: 20, ...settings }),
        size,
        createRandom(seed, 'magnitudes'),
      ),
    )
      .flat()
      .flatMap((each) => (each.op === 'rotate' ? [Math.abs(each.amount)] : []));
  /** Whether a frequency of `part` is within 4 standard errors. */
  const expectPart = (count: number, of: number, part: number): void => {
    expect(Math.abs(count / of - part)).toBeLessThan(4 * Math.sqrt((part * (1 - part)) / of));
  };

  it('draws magnitudes from a normal distribution, limited to the list', () => {
    const angles = anglesWith({ magnitude: 18, magnitudeStd: 1.5 });
    for (const [part, quantile] of [
      [0.1, -1.281552],
      [0.25, -0.67449],
      [0.5, 0],
      [0.75, 0.67449],
      [0.9, 1.281552],
    ] as const) {
      const limit = 18 + 1.5 * quantile;
      expectPart(angles.filter((angle) => angle < limit).length, angles.length, part);
    }
    const limited = anglesWith({ magnitude: 29, magnitudeStd: 3 });
    expect(Math.max(...limited)).toBe(30);
    // A third of a standard deviation above the mean.
    expectPart(limited.filter((angle) => angle === 30).length, limited.length, 0.369441);
  });

  it('applies each operation with its probability, and keeps whole bits', () => {
    expectPart(anglesWith({ probability: 0.5 }).length, 24_000, 0.5 / 14);
    const bits = Array.from({ length: 300 }, (_, seed) =>
      drawAugment(
        step({ op: 'randAugment', numOps: 9, magnitude: 15, magnitudeStd: 10 }),
        size,
        createRandom(seed),
      ),
    )
      .flat()
      .flatMap((each) => (each.op === 'posterize' ? [each.bits] : []));
    expect(new Set(bits)).toEqual(new Set([4, 5, 6, 7, 8]));
  });
});

it('autoAugment applies operations as often as its sub-policies say', () => {
  let equalised = 0;
  const draws = 4000;
  for (let seed = 0; seed < draws; seed++) {
    const adjustments = drawAugment(step('autoAugment'), size, createRandom(seed, 'auto'));
    equalised += adjustments.filter(({ op }) => op === 'equalize').length;
  }
  // The probabilities of "equalize" in the 25 sub-policies have the sum 11.2. Five standard deviations.
  expect(Math.abs(equalised / draws - 11.2 / 25)).toBeLessThan(0.05);
});

it('augMix mixes chains of one to three operations with weights of the sum 1', () => {
  const lengths = [0, 0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const [mixture] = drawAugment(step({ op: 'augMix', allOps: false }), size, createRandom(seed));
    if (mixture?.op !== 'mixture') throw new Error('no mixture');
    const sum = mixture.chains.reduce((total, chain) => total + chain.weight, mixture.weight);
    expect(sum).toBeCloseTo(1, 12);
    for (const { adjustments } of mixture.chains) {
      lengths[adjustments.length - 1]! += 1;
      for (const { op } of adjustments)
        expect(['brightness', 'contrast', 'saturation', 'sharpness']).not.toContain(op);
    }
  }
  expect(chiSquareUniform(lengths)).toBeLessThan(18.5);
});

it('threeAugment draws each of its three as often, then jitters colours', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 600; seed++) {
    const [first, ...jitter] = drawAugment(step('threeAugment'), size, createRandom(seed, 'three'));
    counts.set(first!.op, (counts.get(first!.op) ?? 0) + 1);
    expect(jitter.map(({ op }) => op).sort()).toEqual(['brightness', 'contrast', 'saturation']);
  }
  expect([...counts.keys()].sort()).toEqual(['boxBlur', 'grayscale', 'solarize']);
  expect(chiSquareUniform([...counts.values()])).toBeLessThan(18.5);
  expect(
    drawAugment(step({ op: 'threeAugment', colorJitter: 0 }), size, createRandom(0)),
  ).toHaveLength(1);
});

describe('randomErasing', () => {
  const { erased } = readFixtures('augment') as {
    erased: (QuantileFixture & { width: number; height: number })[];
  };

  it.each(erased)("draws torchvision's rectangles of $width x $height", (fixture) => {
    const { width, height, draws } = fixture;
    const samples: Record<'area' | 'ratio' | 'x' | 'y', number[]> = {
      area: [],
      ratio: [],
      x: [],
      y: [],
    };
    const always = step({ op: 'randomErasing', probability: 1 });
    for (let seed = 0; seed < draws; seed++) {
      const [erase] = drawAugment(always, { width, height }, createRandom(seed, 'erase'));
      // Nothing fits: torchvision returns the whole image.
      const part = erase?.op === 'erase' ? erase.part : { x: 0, y: 0, width, height };
      samples.area.push((part.width * part.height) / (width * height));
      samples.ratio.push(part.width / part.height);
      samples.x.push(part.x);
      samples.y.push(part.y);
    }
    for (const [name, values] of Object.entries(samples))
      expectSameDistribution(name, values, fixture);
  });

  it('erases with its probability', () => {
    const seldom = step({ op: 'randomErasing', probability: 0.25, value: 'random' });
    const count = Array.from({ length: 2000 }, (_, seed) =>
      drawAugment(seldom, { width: 64, height: 64 }, createRandom(seed, 'p')),
    ).filter(({ length }) => length > 0).length;
    // Four standard deviations.
    expect(Math.abs(count - 500)).toBeLessThan(78);
  });
});
