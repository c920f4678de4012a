import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adjustPixels } from './adjust-pixels.ts';
import { changeInKernels, readInKernels } from './adjust-kernels.ts';
import type { PixelAdjustment } from './pixel-adjustment.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const one = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const factor = fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), one(0, 1, 1e-9, 1000));
const level = fc.integer({ min: 0, max: 255 });
const affine = fc.record({
  op: one('shearX', 'shearY', 'translateX', 'translateY', 'rotate'),
  amount: fc.oneof(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -180, max: 180, noNaN: true }),
    one(0, 0.5, 90, 180),
  ),
  interpolation: one('nearest', 'bilinear'),
  fill: fc.tuple(level, level, level),
});
const simple: fc.Arbitrary<PixelAdjustment> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: one('brightness', 'contrast', 'saturation', 'sharpness'), factor }),
  },
  fc.record({ op: one('hue'), shift: fc.double({ min: -0.5, max: 0.5, noNaN: true }) }),
  fc.record({ op: one('posterize'), bits: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ op: one('solarize'), threshold: fc.double({ min: 0, max: 256, noNaN: true }) }),
  {
    weight: 3,
    arbitrary: fc.record({ op: one('autoContrast', 'equalize', 'invert', 'grayscale') }),
  },
  { weight: 4, arbitrary: affine },
  {
    weight: 2,
    arbitrary: fc.record({
      op: one('boxBlur'),
      radius: fc.double({ min: 0.1, max: 20, noNaN: true }),
    }),
  },
);
const adjustments = fc.array(simple, { minLength: 1, maxLength: 3 });
const weight = fc.double({ min: 0, max: 1, noNaN: true });
const any: fc.Arbitrary<PixelAdjustment[]> = fc.oneof(
  { weight: 4, arbitrary: adjustments },
  fc
    .record({
      op: one('mixture'),
      weight,
      chains: fc.array(fc.record({ weight, adjustments }), { maxLength: 3 }),
    })
    .map((mixture) => [mixture]),
);

/** Levels with every channel in a range of its own, some of them narrow. */
const picture = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 20 }),
    low: fc.tuple(level, level, level),
    range: fc.tuple(level, level, level),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ width, height, low, range, seed }) => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const mixed = Math.imul((i + seed) ^ (i >> 3), 2_654_435_761) >>> 16;
      return Math.min(low[i % 3]! + (mixed % (range[i % 3]! + 1)), 255);
    }),
  }));

describe('kernels of adjustments', () => {
  it('compute the same levels as the loops that replace them without WebAssembly', async () => {
    expect(readInKernels(new Uint8Array(3), 0, () => 'run')).toBe('run');
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    const plain = await import('./adjust-pixels.ts');
    const missing = await import('./adjust-kernels.ts');
    expect(missing.readInKernels(new Uint8Array(3), 0, () => 'run')).toBeUndefined();

    fc.assert(
      fc.property(picture, any, (image, changes) => {
        const slow = { ...image, data: image.data.slice() };
        adjustPixels(image, changes);
        plain.adjustPixels(slow, changes);
        expect(image.data).toEqual(slow.data);
      }),
      { numRuns: 700 },
    );
  });

  it('leave pictures that exceed their memory to the loops', () => {
    const pixels = new Uint8Array(3);
    const run = vi.fn();
    expect(changeInKernels(pixels, 2 ** 27, run)).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });
});
