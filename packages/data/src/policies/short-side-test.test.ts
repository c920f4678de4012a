import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceRect } from '../geometry/view.ts';
import { createRandom } from '../rng.ts';
import { isDeterministic, viewOf } from './policy.ts';
import { shortSideTest } from './short-side-test.ts';

describe('shortSideTest', () => {
  it('keeps the aspect ratio and shows the centre', () => {
    const view = viewOf(shortSideTest(224), { width: 500, height: 333 }, createRandom(0));
    expect(view.resized).toEqual({ width: 384, height: 256 });
    expect(view.window).toEqual({ x: 80, y: 16, width: 224, height: 224 });
    expect(viewOf(shortSideTest(224), { width: 333, height: 500 }, createRandom(0)).resized).toEqual({ width: 256, height: 384 });
    expect(isDeterministic(shortSideTest(224))).toBe(true);
  });

  it('fits any image and shows it undistorted', () => {
    const side = fc.integer({ min: 8, max: 2000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 8, max: 400 }), (width, height, size) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) < 8);
        const rect = sourceRect(viewOf(shortSideTest(size), { width, height }, createRandom(0)));
        expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width + 1e-9 && rect.y + rect.height <= height + 1e-9).toBe(true);
        // The longer side is rounded down to whole pixels.
        expect(Math.abs(rect.width / rect.height - 1)).toBeLessThan(1 / size);
      }),
    );
  });

  it('refuses sizes that make no sense', () => {
    expect(() => shortSideTest(7)).toThrow('Option "size" is 7; it must be a whole number of pixels from 8 to 4096.');
  });
});
