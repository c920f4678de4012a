import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectSameDistribution, type QuantileFixture } from '../../test/distribution.ts';
import { drawPolicy } from '../../test/draw-policy.ts';
import { largestDifference, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import { type Size, sourceRect } from '../geometry/view.ts';
import { createRandom } from '../rng.ts';
import {
  fixresFinetune,
  fixresResizeSize,
  fixresTest,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
} from './keras-fixres.ts';
import { isDeterministic, type Policy, viewOf } from './policy.ts';

interface Fixtures {
  resizes: { height: number; width: number; side: number; pixels: number[] }[];
  fixres: { height: number; width: number; pixels: number[] };
  crops: (QuantileFixture & { height: number; width: number })[];
}
const fixtures = readFixtures('tensorflow') as Fixtures;

const imageSize = fc.record({
  width: fc.integer({ min: 8, max: 900 }),
  height: fc.integer({ min: 8, max: 900 }),
});

const draw = (policy: Policy, height: number, width: number): Uint8Array =>
  drawPolicy(policy, pattern(height, width));

describe('against TensorFlow', () => {
  it.each(fixtures.resizes)(
    'resize $height x $width -> $side equals tf.image.resize',
    ({ height, width, side, pixels }) => {
      // Rounding to whole levels costs half a level.
      expect(largestDifference(draw(resize(side), height, width), pixels)).toBeLessThanOrEqual(
        0.502,
      );
    },
  );

  it('fixresTest equals resize, then CenterCrop, of the Keras example', () => {
    const { height, width, pixels } = fixtures.fixres;
    const policy = fixresTest({ trainSize: 32, size: 56 });
    expect(largestDifference(draw(policy, height, width), pixels)).toBeLessThanOrEqual(0.502);
  });

  it.each(fixtures.crops)(
    'crops of a $width x $height image have the distribution of sample_distorted_bounding_box',
    (fixture) => {
      const { height, width, draws } = fixture;
      const policy = sampledBoundingBoxCrop(128);
      const rects = Array.from({ length: draws }, (_, i) =>
        sourceRect(viewOf(policy, { width, height }, createRandom(1, 'view', 0, i))),
      );
      const samples = {
        area: rects.map((rect) => (rect.width * rect.height) / (width * height)),
        ratio: rects.map((rect) => rect.width / rect.height),
        x: rects.map(({ x }) => x),
        y: rects.map(({ y }) => y),
      };
      for (const [name, values] of Object.entries(samples))
        expectSameDistribution(name, values, fixture);
    },
  );
});

describe('sampledBoundingBoxCrop', () => {
  it('stays inside the image with area and ratio in their ranges, or takes the whole image', () => {
    fc.assert(
      fc.property(imageSize, fc.integer(), (image: Size, seed) => {
        const { x, y, width, height } = sourceRect(
          viewOf(sampledBoundingBoxCrop(64), image, createRandom(seed)),
        );
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(image.width);
        expect(y + height).toBeLessThanOrEqual(image.height);
        const whole = width === image.width && height === image.height;
        const area = (width * height) / (image.width * image.height);
        expect(whole || (area >= 0.05 && area <= 1)).toBe(true);
        // The width is rounded to whole pixels.
        expect(whole || (width >= 0.75 * height - 0.5 && width <= 1.33 * height + 0.5)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('flips half of the images', () => {
    const flips = Array.from(
      { length: 4000 },
      (_, i) => viewOf(sampledBoundingBoxCrop(64), { width: 90, height: 70 }, createRandom(i)).flip,
    );
    // Four standard deviations of a fair coin.
    expect(Math.abs(flips.filter(Boolean).length - 2000)).toBeLessThan(127);
  });
});

describe('test policies', () => {
  it('resize 128 -> 224 through 392, as in the Keras example', () => {
    expect(fixresResizeSize({ trainSize: 128, size: 224 })).toBe(392);
    const view = viewOf(
      fixresTest({ trainSize: 128, size: 224 }),
      { width: 280, height: 196 },
      createRandom(0),
    );
    expect(view).toEqual({
      region: { x: 0, y: 0, width: 280, height: 196 },
      resized: { width: 392, height: 392 },
      window: { x: 84, y: 84, width: 224, height: 224 },
      flip: false,
    });
    expect(sourceRect(view)).toEqual({ x: 60, y: 42, width: 160, height: 112 });
  });

  it('are deterministic, and differ from their train versions only by the flip', () => {
    const sizes = { trainSize: 64, size: 112 };
    expect([resize(64), fixresTest(sizes)].every(isDeterministic)).toBe(true);
    expect(
      [resizeFlip(64), fixresFinetune(sizes), sampledBoundingBoxCrop(64)].some(isDeterministic),
    ).toBe(false);
    const image = { width: 99, height: 70 };
    for (let seed = 0; seed < 20; seed++) {
      const trained = viewOf(fixresFinetune(sizes), image, createRandom(seed));
      expect({ ...trained, flip: false }).toEqual(
        viewOf(fixresTest(sizes), image, createRandom(seed)),
      );
    }
  });

  it('are plain data', () => {
    const policy = fixresFinetune({ trainSize: 128, size: 224 });
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });

  it.each([
    [() => resize(0), 'Option "size" is 0; it must be a whole number of pixels from 8 to 4096.'],
    [() => resize(64.5), 'Option "size" is 64.5'],
    [
      () => fixresTest({ trainSize: 224, size: 128 }),
      'Option "size" is 128; it must be at least trainSize, which is 224.',
    ],
  ])('reject invalid sizes (%#)', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('viewOf', () => {
  const image = { width: 50, height: 40 };
  const view = (steps: Policy['steps'], side: number): unknown =>
    viewOf(
      { version: 1, name: 'own', output: { width: side, height: side }, steps },
      image,
      createRandom(0),
    );
  const squash = (side: number) =>
    ({
      op: 'resize',
      width: side,
      height: side,
      interpolation: 'bilinear',
      antialias: false,
    }) as const;

  it('crops before and after resizing', () => {
    const steps = [
      { op: 'centerCrop', width: 30, height: 20 } as const,
      squash(64),
      { op: 'centerCrop', width: 32, height: 32 } as const,
    ];
    expect(view(steps, 32)).toEqual({
      region: { x: 10, y: 10, width: 30, height: 20 },
      resized: { width: 64, height: 64 },
      window: { x: 16, y: 16, width: 32, height: 32 },
      flip: false,
    });
  });

  it.each([
    [
      [{ op: 'centerCrop', width: 60, height: 60 } as const],
      60,
      'centerCrop 60x60 is larger than the 40x50 it crops',
    ],
    [[squash(64), squash(32)], 32, 'it has two resize steps; one is allowed'],
    [[squash(64)], 32, 'its steps give 64x64, but it promises 32x32'],
  ])('rejects steps that do not fit (%#)', (steps, side, message) => {
    expect(() => view([...steps], side)).toThrow(message);
  });
});
