import { describe, expect, it } from 'vitest';
import { largestDifference, levels, readFixtures } from '../../../test/fixtures.ts';
import { pattern } from '../../../test/pattern.ts';
import type { Rgb } from '../../geometry/view.ts';
import type { AffineInterpolation } from '../../policies/augment/augment-step.ts';
import { operation } from '../../policies/augment/draw-augment.ts';
import type { OperationName } from '../../policies/augment/operation-space.ts';
import { adjustPixels } from '../adjust-pixels.ts';
import type { PixelAdjustment } from '../pixel-adjustment.ts';
import type { RgbImage } from '../rgb-image.ts';

type Pair = [number, number];
interface Fixtures {
  operations: {
    image: Pair;
    fill: Rgb;
    cases: {
      name: string;
      strength: number;
      interpolation: AffineInterpolation;
      dim: boolean;
      pixels: string;
    }[];
    square: { side: number; pixels: string };
  };
  flat: { image: Pair; level: Rgb | null; autoContrast: string; equalize: string }[];
  blurs: {
    image: Pair;
    gaussianBlur: { kernelSize: number; sigma: number; pixels: string }[];
    boxBlur: { radius: number; pixels: string }[];
    grayscale: string;
  };
  mixtures: {
    image: Pair;
    fill: Rgb;
    cases: {
      weight: number;
      weights: number[];
      chains: [string, number][][];
      pixels: string;
    }[];
  };
}
const { operations, flat, blurs, mixtures } = readFixtures('augment') as Fixtures;

const own = (name: string): OperationName =>
  `${name[0]!.toLowerCase()}${name.slice(1)}` as OperationName;

/** The largest difference of an adjusted picture from torchvision's. */
function difference(
  image: RgbImage,
  adjustments: readonly PixelAdjustment[],
  pixels: string,
): number {
  adjustPixels(image, adjustments);
  return largestDifference(image.data, levels(pixels));
}

const picture = ([width, height]: Pair): RgbImage => pattern(height, width);

/** The picture with few levels. */
function dimmed(image: RgbImage): RgbImage {
  return { ...image, data: image.data.map((level) => Math.floor(level / 3) + 40) };
}

describe('operations change levels bit-exactly like torchvision on PIL images', () => {
  it.each(operations.cases)(
    '$name $strength, $interpolation',
    ({ name, strength, interpolation, dim, pixels }) => {
      const image = dim ? dimmed(picture(operations.image)) : picture(operations.image);
      const { fill } = operations;
      const adjustments = operation(own(name), strength, { interpolation, fill });
      expect(difference(image, adjustments, pixels)).toBe(0);
    },
  );

  it('turns a square by a right angle without any interpolation', () => {
    const { side, pixels } = operations.square;
    const turned: PixelAdjustment = {
      op: 'rotate',
      amount: 90,
      interpolation: 'nearest',
      fill: [0, 0, 0],
    };
    expect(difference(pattern(side, side), [turned], pixels)).toBe(0);
  });

  it.each(flat)('histograms with nothing to stretch: $image', (fixture) => {
    const { image, level } = fixture;
    for (const op of ['autoContrast', 'equalize'] as const) {
      const shown = picture(image);
      if (level !== null) shown.data.forEach((_, i) => (shown.data[i] = level[i % 3]!));
      expect(difference(shown, [{ op }], fixture[op])).toBe(0);
    }
  });

  it.each(blurs.boxBlur)("Pillow's Gaussian blur, radius $radius", ({ radius, pixels }) => {
    expect(difference(picture(blurs.image), [{ op: 'boxBlur', radius }], pixels)).toBe(0);
  });

  it('grayscale', () => {
    expect(difference(picture(blurs.image), [{ op: 'grayscale' }], blurs.grayscale)).toBe(0);
  });

  it.each(mixtures.cases)('mixture of $chains', ({ weight, weights, chains, pixels }) => {
    const settings = { interpolation: 'bilinear', fill: mixtures.fill } as const;
    const adjustment: PixelAdjustment = {
      op: 'mixture',
      weight,
      chains: chains.map((chain, i) => ({
        weight: weights[i]!,
        adjustments: chain.flatMap(([name, strength]) => operation(own(name), strength, settings)),
      })),
    };
    expect(difference(picture(mixtures.image), [adjustment], pixels)).toBe(0);
  });
});

it.each(blurs.gaussianBlur)(
  "gaussianBlur differs from torchvision's by at most one level: kernel $kernelSize, sigma $sigma",
  ({ kernelSize, sigma, pixels }) => {
    const image = picture(blurs.image);
    expect(
      difference(image, [{ op: 'gaussianBlur', kernelSize, sigma }], pixels),
    ).toBeLessThanOrEqual(1);
  },
);

describe('erase', () => {
  it('overwrites exactly its part, with levels or with noise', () => {
    const part = { x: 2, y: 1, width: 90, height: 70 };
    for (const value of [[1, 2, 3] as Rgb, { noiseSeed: 7 }]) {
      const before = pattern(80, 100);
      const image = { ...before, data: before.data.slice() };
      adjustPixels(image, [{ op: 'erase', part, value }]);
      const erased: number[][] = [[], [], []];
      image.data.forEach((level, i) => {
        const [x, y] = [Math.floor(i / 3) % 100, Math.floor(i / 300)];
        if (x >= 2 && x < 92 && y >= 1 && y < 71) erased[i % 3]!.push(level);
        else expect(level).toBe(before.data[i]);
      });
      erased.forEach((channel, i) => {
        const mean = channel.reduce((sum, level) => sum + level, 0) / channel.length;
        if (Array.isArray(value)) expect(new Set(channel)).toEqual(new Set([value[i]]));
        // ImageNet's mean; the standard deviation of this many levels' mean is below 1.
        else expect(Math.abs(mean - [124, 116, 104][i]!)).toBeLessThan(4);
      });
    }
  });
});
