import { describe, expect, it } from 'vitest';
import { expectSameDistribution, type QuantileFixture } from '../../test/distribution.ts';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import type { Rect } from '../geometry/view.ts';
import { type BatchMix, drawMix } from './draw-mix.ts';
import { type MixableBatch, mixBatch } from './mix-batch.ts';
import { checkMixSettings } from './mix-settings.ts';

const fixtures = readFixtures('mixing') as {
  batches: {
    image: [number, number];
    images: number;
    classes: number;
    kind: 'mixup' | 'cutmix';
    weight: number;
    part: Rect;
    smoothing: number;
    pixels: string;
    targets: number[];
  }[];
  boxes: QuantileFixture & { image: [number, number] };
};

/** The batch of `scripts/make-mixing-fixtures.py`. */
function batchOf(images: number, [width, height]: [number, number]): MixableBatch {
  const pixels = new Uint8Array(images * height * width * 3);
  let at = 0;
  for (let i = 0; i < images; i++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          pixels[at++] = (x * 7 + y * 13 + c * 50 + i * 91 + ((x * y) % 31) * 5) % 256;
  const labels = Int32Array.from({ length: images }, (_, i) => i % 3);
  return { pixels, shape: [images, height, width, 3], labels };
}

describe('mixBatch', () => {
  it.each(fixtures.batches)(
    "has timm's pixels and targets: $kind, weight $weight, smoothing $smoothing",
    ({ image, images, classes, kind, weight, part, smoothing, pixels, targets }) => {
      const batch = batchOf(images, image);
      const before = batch.pixels.slice();
      const mix: BatchMix = kind === 'mixup' ? { kind, weight } : { kind, weight, part };
      const mixed = mixBatch(batch, mix, classes, new Uint8Array(batch.pixels.length + 7));
      expect(largestDifference(mixed.pixels, levels(pixels))).toBe(0);
      // A training smooths the mixture, which is the mixture of timm's smoothed labels.
      const smoothed = mixed.targets.map((t) => t * (1 - smoothing) + smoothing / classes);
      targets.forEach((target, i) => expect(smoothed[i]).toBeCloseTo(target, 6));
      expect(batch.pixels).toEqual(before);
    },
  );

  it('counts the class with the larger weight, and keeps the middle image of an odd number', () => {
    const batch = batchOf(5, [4, 4]);
    const mixed = mixBatch(batch, { kind: 'mixup', weight: 0.4 }, 3, new Uint8Array(240));
    expect([...mixed.labels]).toEqual([1, 0, 2, 1, 0]);
    expect(mixed.pixels.subarray(96, 144)).toEqual(batch.pixels.subarray(96, 144));
    expect([...mixed.targets.subarray(6, 9)]).toEqual([0, 0, 1]);
    expect(mixBatch(batch, { kind: 'mixup', weight: 0.6 }, 3, new Uint8Array(240)).labels).toBe(
      batch.labels,
    );
  });

  it('mixes targets that the batch already has', () => {
    const targets = Float32Array.of(0.5, 0.5, 1, 0);
    const batch = { ...batchOf(2, [2, 2]), targets };
    const mixed = mixBatch(batch, { kind: 'mixup', weight: 0.75 }, 2, new Uint8Array(24));
    expect([...mixed.targets]).toEqual([0.625, 0.375, 0.875, 0.125]);
  });
});

describe('drawMix', () => {
  const size = { width: 30, height: 20 };

  it("draws timm's rectangles, with the fraction of the area that is left as weight", () => {
    const { draws } = fixtures.boxes;
    const samples: Record<'weight' | 'x' | 'y' | 'area', number[]> = {
      weight: [],
      x: [],
      y: [],
      area: [],
    };
    for (let step = 0; step < draws; step++) {
      const mix = drawMix({ cutmix: 1 }, size, { seed: 0, epoch: 0, step });
      if (mix?.kind !== 'cutmix') throw new Error('not CutMix');
      const { x, y, width, height } = mix.part;
      expect(mix.weight).toBe(1 - (width * height) / 600);
      samples.weight.push(mix.weight);
      samples.x.push(x);
      samples.y.push(y);
      samples.area.push(width * height);
    }
    for (const [name, values] of Object.entries(samples))
      expectSameDistribution(name, values, fixtures.boxes);
  });

  it('mixes and switches with its probabilities, and alike whenever it is asked', () => {
    const counts = { none: 0, mixup: 0, cutmix: 0 };
    const settings = { mixup: 0.2, cutmix: 1, probability: 0.8, switchProbability: 0.25 };
    for (let step = 0; step < 2000; step++) {
      const place = { seed: 1, epoch: 3, step };
      const mix = drawMix(settings, size, place);
      expect(drawMix(settings, size, place)).toEqual(mix);
      counts[mix?.kind ?? 'none'] += 1;
    }
    // Within four standard deviations.
    expect(Math.abs(counts.none - 400)).toBeLessThan(72);
    expect(Math.abs(counts.cutmix - 400)).toBeLessThan(72);
    expect(drawMix({ mixup: 1, probability: 0 }, size, { seed: 0, epoch: 0, step: 0 })).toBe(
      undefined,
    );
    const kinds = Array.from(
      { length: 50 },
      (_, step) => drawMix({ mixup: 0.5 }, size, { seed: 0, epoch: 0, step })!.kind,
    );
    expect(new Set(kinds)).toEqual(new Set(['mixup']));
  });
});

it.each([
  [{}, 'Option "mix" has neither "mixup" nor "cutmix"; it must have at least one.'],
  [{ mixup: 0 }, 'Option "mix.mixup" is 0; it must be a number from 0.001 to 1000.'],
  [
    { cutmix: 1, switchProbability: 2 },
    'Option "mix.switchProbability" is 2; it must be a number from 0 to 1.',
  ],
])('refuses settings %j', (settings, message) => {
  expect(() => checkMixSettings(settings)).toThrow(
    expect.objectContaining({ code: 'bad-option', message }),
  );
});
