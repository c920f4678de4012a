import { describe, expect, it } from 'vitest';
import { drawPolicy } from '../../test/draw-policy.ts';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import { shortSideCrop } from './fixres-authors.ts';
import type { Policy } from './policy.ts';
import { testTimeViews } from './test-time-views.ts';
import { timmEval } from './timm-eval.ts';

type Pair = [number, number];
interface Fixtures {
  timmEvals: {
    image: Pair;
    mode: 'center' | 'squash' | 'border';
    cropPct: number;
    size: number;
    pixels: string;
  }[];
  tenCrop: { image: Pair; resizeSide: number; size: number; views: string[] };
  byHeight: { image: Pair; resizeSide: number; size: number; pixels: string }[];
  jitterBeforeCrop: {
    image: Pair;
    resizeSide: number;
    size: number;
    factor: number;
    pixels: string;
  };
}
const fixtures = readFixtures('torchvision') as Fixtures;
const draw = (policy: Policy, [width, height]: Pair): Uint8Array =>
  drawPolicy(policy, pattern(height, width));

describe('policies match torchvision on PIL images bit-exactly', () => {
  it.each(fixtures.timmEvals)(
    'timmEval $mode of $image, crop $cropPct',
    ({ image, mode, cropPct, size, pixels }) => {
      const policy = timmEval({ size, mode, cropPct, interpolation: 'bicubic' });
      expect(largestDifference(draw(policy, image), levels(pixels))).toBe(0);
    },
  );

  it("test-time views are TenCrop's, in its order", () => {
    const { image, resizeSide, size, views } = fixtures.tenCrop;
    const policies = testTimeViews(shortSideCrop(size, { resizeSide }), {
      crops: 'five',
      flip: true,
    });
    expect(
      policies.map((policy, i) => largestDifference(draw(policy, image), levels(views[i]!))),
    ).toEqual(new Array(10).fill(0));
  });

  it.each(fixtures.byHeight)(
    'byHeight of $image, with black borders beside a tall image',
    ({ image, resizeSide, size, pixels }) => {
      const policy = shortSideCrop(size, { resizeSide, byHeight: true });
      expect(largestDifference(draw(policy, image), levels(pixels))).toBe(0);
    },
  );

  it('contrast before a crop also uses the mean of what is cropped away', () => {
    const { image, resizeSide, size, factor, pixels } = fixtures.jitterBeforeCrop;
    const test = shortSideCrop(size, { resizeSide });
    const steps = [
      test.steps[0]!,
      { op: 'colorJitter', contrast: [factor, factor] } as const,
      test.steps[1]!,
    ] as Policy['steps'];
    expect(largestDifference(draw({ ...test, steps }, image), levels(pixels))).toBe(0);
    // Without the part outside the crop, the mean and so the levels would differ.
    expect(
      largestDifference(
        draw({ ...test, steps: [steps[0]!, steps[2]!, steps[1]!] }, image),
        levels(pixels),
      ),
    ).toBeGreaterThan(0);
  });
});
