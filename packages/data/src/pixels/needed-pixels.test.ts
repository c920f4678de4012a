import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAugment, withColorJitter } from '../policies/compose.ts';
import { shiftedCrop, shortSideCrop } from '../policies/fixres-authors.ts';
import { fixresFinetune, resize, sampledBoundingBoxCrop } from '../policies/keras-fixres.ts';
import { drawingOf, type Policy } from '../policies/policy.ts';
import { timmEval } from '../policies/timm-eval.ts';
import { randomResizedCrop, simpleRandomCrop } from '../policies/torchvision-crops.ts';
import { createRandom } from '../rng.ts';
import { drawPixels } from './draw-pixels.ts';
import { neededPixels } from './needed-pixels.ts';
import type { RgbImage } from './rgb-image.ts';

const policies: Policy[] = [
  sampledBoundingBoxCrop(16),
  randomResizedCrop(16, { interpolation: 'bicubic' }),
  fixresFinetune({ trainSize: 16, size: 28 }),
  resize(40),
  shortSideCrop(12),
  shiftedCrop(12),
  withColorJitter(shortSideCrop(14), { contrast: 0.5 }),
  timmEval({ size: 16, cropPct: 0.5 }),
  timmEval({ size: 24, cropPct: 1, mode: 'border' }),
  withAugment(simpleRandomCrop(16), ['randAugment']),
];

describe('neededPixels', () => {
  it('contains every pixel that a drawing reads', () => {
    const side = fc.integer({ min: 8, max: 90 });
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        side,
        side,
        fc.nat(),
        (policy, width, height, seed) => {
          const random = createRandom(seed);
          const data = Uint8Array.from({ length: width * height * 3 }, () => random.int(256));
          const drawing = drawingOf(policy, { width, height }, createRandom(seed, 'view'));
          const part = neededPixels(drawing);
          expect(
            part.x >= 0 &&
              part.y >= 0 &&
              part.x + part.width <= width &&
              part.y + part.height <= height,
          ).toBe(true);
          const others = data.map((level, i) => {
            const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
            return x >= part.x && x < part.x + part.width && y >= part.y && y < part.y + part.height
              ? level
              : 255 - level;
          });
          const drawn = (image: RgbImage): Uint8Array => {
            const out = new Uint8Array(policy.output.width * policy.output.height * 3);
            drawPixels(image, drawing, out);
            return out;
          };
          expect(drawn({ width, height, data: others })).toEqual(drawn({ width, height, data }));
        },
      ),
    );
  });

  it('excludes pixels that are not shown', () => {
    const drawing = drawingOf(
      fixresFinetune({ trainSize: 128, size: 224 }),
      { width: 392, height: 392 },
      createRandom(0),
    );
    const { width, height } = neededPixels(drawing);
    expect(width).toBeLessThanOrEqual(232);
    expect(height).toBeLessThanOrEqual(232);
  });
});
