import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import { adjustPixels } from './adjust-pixels.ts';
import type { PixelAdjustment } from './pixel-adjustment.ts';

type Step = ['brightness' | 'contrast' | 'saturation' | 'hue', number];
const { adjustments } = readFixtures('torchvision') as {
  adjustments: { image: [number, number]; cases: { steps: Step[]; pixels: string }[] };
};
const adjustment = ([op, value]: Step): PixelAdjustment =>
  op === 'hue' ? { op, shift: value } : { op, factor: value };

describe('adjustPixels', () => {
  it.each(adjustments.cases)(
    'changes levels bit-exactly like torchvision on PIL images: $steps',
    ({ steps, pixels }) => {
      const [width, height] = adjustments.image;
      const image = pattern(height, width);
      adjustPixels(image, steps.map(adjustment));
      expect(largestDifference(image.data, levels(pixels))).toBe(0);
    },
  );

  it('changes nothing with factor 1, and keeps greys grey', () => {
    const level = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.array(level, { minLength: 3, maxLength: 3 }), (pixel) => {
        const same = Uint8Array.from(pixel);
        adjustPixels({ width: 1, height: 1, data: same }, [
          adjustment(['brightness', 1]),
          adjustment(['contrast', 1]),
          adjustment(['saturation', 1]),
        ]);
        expect([...same]).toEqual(pixel);
      }),
    );
    fc.assert(
      fc.property(level, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (grey, shift) => {
        const pixel = Uint8Array.of(grey, grey, grey);
        adjustPixels({ width: 1, height: 1, data: pixel }, [
          { op: 'hue', shift },
          { op: 'saturation', factor: 1.7 },
        ]);
        expect([...pixel]).toEqual([grey, grey, grey]);
      }),
    );
  });
});
