import { describe, expect, it } from 'vitest';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { drawPixels } from '../pixels/draw-pixels.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import { withCorruption } from '../policies/compose.ts';
import { shortSideCrop } from '../policies/fixres-authors.ts';
import { parsePolicy } from '../policies/parse-policy.ts';
import { drawingOf } from '../policies/policy.ts';
import { createRandom, type Random } from '../rng.ts';
import { corrupt, type Corruption } from './corrupt.ts';
import { corruptionNames } from './corruption-names.ts';
import { addFrost, frostLayer } from './frost.ts';

interface PixelCase extends Corruption {
  pixels: string;
}
const fixtures = readFixtures('corruptions') as {
  size: number;
  /** Every so many levels of a picture are in `pixels`. */
  every: number;
  cases: PixelCase[];
  seeded: PixelCase[];
  counts: (Corruption & { level: number; counts: Record<string, number> })[];
};
const { size } = fixtures;

/** The picture of `scripts/make-corruption-fixtures.py`. */
function picture(side = size): RgbImage {
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const wave = 60 * Math.sin((x + 2 * y) / 17 + c) + 40 * Math.cos((3 * x - y) / (23 + 4 * c));
    const disk = (x - 90) ** 2 + (y - 120) ** 2 < 2500 ? 50 : -20;
    data[i] = Math.min(Math.max(Math.floor(125 + wave + disk + 0.5), 0), 255);
  }
  return { width: side, height: side, data };
}

/** The draws of the script: normal ones are sums of three uniforms that numpy draws list by list. */
function sharedDraws(normals: number): Random {
  let state = 1;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const lists = [0, 1, 2].map(() => Float64Array.from({ length: normals }, next));
  let taken = 0;
  return {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    int: (n) => Math.floor(n * next()),
    normal: () => {
      const i = taken++;
      return 2 * (lists[0]![i]! + lists[1]![i]! + lists[2]![i]! - 1.5);
    },
  };
}

function sampleOf({ data }: RgbImage): Uint8Array {
  return data.filter((_, i) => i % fixtures.every === 0);
}

function meanDifference(ours: Uint8Array, theirs: Uint8Array): number {
  return ours.reduce((sum, level, i) => sum + Math.abs(level - theirs[i]!), 0) / ours.length;
}

/**
 * Largest and mean difference in levels, and how many levels may differ by more. Levels are truncated, so
 * rounding of floats can show as 1. libjpeg computes coefficients and colours in whole numbers: up to 39 of
 * the 784 blocks of this picture have a coefficient that it rounds to the other side.
 */
const toleranceOf = (corruption: string): { largest: number; mean: number; share: number } =>
  corruption === 'jpeg_compression'
    ? { largest: 2, mean: 0.13, share: 0.015 }
    : { largest: 1, mean: 0.07, share: 0 };

describe('corrupt', () => {
  it.each([...fixtures.cases, ...fixtures.seeded])(
    'computes the pixels of ImageNet-C: $corruption, severity $severity',
    ({ corruption, severity, pixels }) => {
      const image = picture();
      const normals = { gaussian_noise: 3 * size ** 2, snow: size ** 2 }[corruption as string] ?? 0;
      corrupt(image, { corruption, severity }, sharedDraws(normals));
      const [ours, theirs] = [sampleOf(image), levels(pixels)];
      const { largest, mean, share } = toleranceOf(corruption);
      expect(theirs).toHaveLength(ours.length);
      const further = ours.filter((level, i) => Math.abs(level - theirs[i]!) > largest);
      expect(further.length / ours.length).toBeLessThanOrEqual(share);
      expect(meanDifference(ours, theirs)).toBeLessThanOrEqual(mean);
    },
  );

  it.each(fixtures.counts)(
    'has the distribution of numpy and scikit-image: $corruption, severity $severity',
    ({ corruption, severity, level, counts }) => {
      const image = { width: size, height: size, data: new Uint8Array(size ** 2 * 3).fill(level) };
      corrupt(image, { corruption, severity }, createRandom(7, corruption));
      const ours = new Map<number, number>();
      for (const each of image.data) ours.set(each, (ours.get(each) ?? 0) + 1);
      const total = image.data.length;
      for (const each of new Set([...ours.keys(), ...Object.keys(counts).map(Number)])) {
        const [a, b] = [ours.get(each) ?? 0, counts[each] ?? 0];
        const share = (a + b) / (2 * total);
        // Five standard errors of the difference of two counts, and rare levels.
        expect(Math.abs(a - b)).toBeLessThan(5 * Math.sqrt(2 * total * share * (1 - share)) + 3);
      }
    },
  );

  it('adds frost as the authors do, with a computed layer like their photos', () => {
    const layer = frostLayer({ width: 224, height: 224 }, createRandom(3, 'frost'));
    const image = picture();
    const before = Uint8Array.from(image.data);
    addFrost(image, layer.values, { kept: 0.8, strength: 0.6 });
    const expected = before.map((level, i) =>
      Math.min(Math.floor(0.8 * level + 0.6 * 255 * layer.values[i]! + 1e-9), 255),
    );
    expect(largestDifference(image.data, expected)).toBeLessThanOrEqual(1);
    const levelsOf = [...layer.values].map((value) => 255 * value);
    const mean = levelsOf.reduce((sum, level) => sum + level, 0) / levelsOf.length;
    expect(mean).toBeGreaterThan(115);
    expect(mean).toBeLessThan(215);
  });

  it('draws the same for the same seed, and differently for another', () => {
    for (const corruption of ['frost', 'snow', 'glass_blur', 'shot_noise'] as const) {
      const [one, same, other] = [1, 1, 2].map((seed) => {
        const image = picture(48);
        corrupt(image, { corruption, severity: 2 }, createRandom(seed));
        return image.data;
      });
      expect(largestDifference(one!, same!)).toBe(0);
      expect(largestDifference(one!, other!)).toBeGreaterThan(0);
    }
  });

  it.each(corruptionNames)(
    'takes pictures of any shape, and hurts more with severity: %s',
    (corruption) => {
      for (const [width, height] of [
        [1, 1],
        [8, 31],
        [40, 9],
      ] as const) {
        const data = new Uint8Array(width * height * 3).map((_, i) => (i * 37) % 256);
        const image = { width, height, data };
        expect(() => corrupt(image, { corruption, severity: 5 }, createRandom(1))).not.toThrow();
      }
      // Glass shifts whole pixels, which are the same few at small sizes; the first two severities of the
      // elastic transform are of another kind.
      const side = corruption === 'glass_blur' ? 160 : 64;
      const first = corruption === 'elastic_transform' ? 3 : 1;
      const distances = ([first, 5] as const).map((severity) => {
        const image = picture(side);
        corrupt(image, { corruption, severity }, createRandom(1));
        return meanDifference(image.data, picture(side).data);
      });
      expect(distances[1]).toBeGreaterThan(distances[0]!);
    },
  );

  it('follows a test policy as its last step', () => {
    const policy = withCorruption(shortSideCrop(48), { corruption: 'fog', severity: 3 });
    expect(policy.name).toBe('shortSideCrop+fog-3');
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
    const source = picture(60);
    const draw = (seed: number): Uint8Array => {
      const out = new Uint8Array(48 * 48 * 3);
      drawPixels(source, drawingOf(policy, source, createRandom(seed)), out);
      return out;
    };
    expect(largestDifference(draw(1), draw(1))).toBe(0);
    expect(largestDifference(draw(1), draw(2))).toBeGreaterThan(0);
    expect(() => withCorruption(policy, { corruption: 'smog' as 'fog', severity: 1 })).toThrow(
      'Option "corruption" is "smog"; allowed are gaussian_noise, shot_noise,',
    );
    expect(() => withCorruption(policy, { corruption: 'fog', severity: 6 as 5 })).toThrow(
      'Option "severity" is 6; allowed are 1, 2, 3, 4, 5.',
    );
  });

  it('shows the same blur, flakes and clouds at another size', () => {
    // The mean levels of 8 x 8 tiles of a picture that is the same at both sizes.
    const tiles = (side: number, corruption: Corruption['corruption']): number[] => {
      const image = { width: side, height: side, data: new Uint8Array(side ** 2 * 3) };
      for (let i = 0; i < image.data.length; i++)
        image.data[i] = Math.floor(i / 3) % side < side / 2 ? 60 : 180;
      corrupt(image, { corruption, severity: 3 }, createRandom(5));
      const tile = side / 8;
      return Array.from({ length: 64 }, (_, t) => {
        let sum = 0;
        for (let y = 0; y < tile; y++) {
          for (let x = 0; x < tile; x++)
            sum += image.data[(((t >> 3) * tile + y) * side + (t & 7) * tile + x) * 3]!;
        }
        return sum / tile ** 2;
      });
    };
    for (const corruption of [
      'fog',
      'frost',
      'snow',
      'zoom_blur',
      'motion_blur',
      'defocus_blur',
    ] as const) {
      const [small, large] = [tiles(112, corruption), tiles(224, corruption)];
      expect(Math.max(...small.map((mean, i) => Math.abs(mean - large[i]!)))).toBeLessThan(8);
    }
  });
});
