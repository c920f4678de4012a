import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceRect } from '../geometry/view.ts';
import { createRandom } from '../rng.ts';
import { shortSideCrop } from './fixres-authors.ts';
import { isDeterministic, viewOf } from './policy.ts';

describe('shortSideCrop', () => {
  it('resizes to round(256 / 224 * size)', () => {
    const steps = (size: number): unknown => shortSideCrop(size).steps[0];
    expect([steps(224), steps(128), steps(160)]).toMatchObject([
      { side: 256 },
      { side: 146 },
      { side: 183 },
    ]);
  });

  it('keeps the aspect ratio and shows the centre', () => {
    const view = viewOf(shortSideCrop(224), { width: 500, height: 333 }, createRandom(0));
    expect(view.resized).toEqual({ width: 384, height: 256 });
    expect(view.window).toEqual({ x: 80, y: 16, width: 224, height: 224 });
    expect(
      viewOf(shortSideCrop(224), { width: 333, height: 500 }, createRandom(0)).resized,
    ).toEqual({ width: 256, height: 384 });
    expect(isDeterministic(shortSideCrop(224))).toBe(true);
  });

  it('fits any image and shows it undistorted', () => {
    const side = fc.integer({ min: 8, max: 2000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 8, max: 400 }), (width, height, size) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) < 8);
        const rect = sourceRect(viewOf(shortSideCrop(size), { width, height }, createRandom(0)));
        expect(
          rect.x >= 0 &&
            rect.y >= 0 &&
            rect.x + rect.width <= width + 1e-9 &&
            rect.y + rect.height <= height + 1e-9,
        ).toBe(true);
        // The longer side is rounded down to whole pixels.
        expect(Math.abs(rect.width / rect.height - 1)).toBeLessThan(1 / size);
      }),
    );
  });

  it('supports every size that a policy may have', () => {
    expect(shortSideCrop(4096)).toMatchObject({
      output: { width: 4096 },
      steps: [{ side: 4681 }, { width: 4096 }],
    });
  });

  it('rejects invalid sizes', () => {
    expect(() => shortSideCrop(4000, { resizeSide: 4097 })).toThrow(
      'Option "resizeSide" is 4097; it must be a whole number of pixels from 8 to 4096.',
    );
    expect(() => shortSideCrop(7)).toThrow(
      'Option "size" is 7; it must be a whole number of pixels from 8 to 4096.',
    );
  });
});
