import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawPolicy } from '../../../test/draw-policy.ts';
import { largestDifference } from '../../../test/fixtures.ts';
import { pattern } from '../../../test/pattern.ts';
import { type Policy, drawingOf } from '../../policies/policy.ts';
import { timmEval } from '../../policies/timm-eval.ts';
import { randomResizedCrop } from '../../policies/torchvision-crops.ts';
import { createRandom } from '../../rng.ts';
import { drawWithSharp } from './draw-with-sharp.ts';

const image = pattern(47, 61);

async function draw(policy: Policy, seed = 0): Promise<Uint8Array> {
  const out = new Uint8Array(policy.output.width * policy.output.height * 3);
  await drawWithSharp(image, drawingOf(policy, image, createRandom(seed)), out);
  return out;
}

describe('drawWithSharp', () => {
  it('with lanczos3 equals libvips, window and mirroring included', async () => {
    const policy = randomResizedCrop(24, { interpolation: 'lanczos3' });
    const flips = new Set<boolean>();
    for (let seed = 0; seed < 6; seed++) {
      const { region, flip } = drawingOf(policy, image, createRandom(seed)).view;
      const cropped = sharp(image.data, { raw: { width: 61, height: 47, channels: 3 } })
        .extract({ left: region.x, top: region.y, width: region.width, height: region.height })
        .resize(24, 24, { fit: 'fill', kernel: 'lanczos3' });
      const whole = await cropped.raw().toBuffer();
      const expected = flip
        ? await sharp(whole, { raw: { width: 24, height: 24, channels: 3 } })
            .flop()
            .raw()
            .toBuffer()
        : whole;
      expect(await draw(policy, seed)).toEqual(new Uint8Array(expected));
      flips.add(flip);
    }
    expect(flips.size).toBe(2);
  });

  it('with lanczos3 draws borders and crops as with any filter', async () => {
    for (const mode of ['center', 'border'] as const) {
      const difference = largestDifference(
        await draw(timmEval({ size: 16, mode, interpolation: 'lanczos3' })),
        drawPolicy(timmEval({ size: 16, mode, interpolation: 'bicubic' }), image),
      );
      // Two good filters of the same view; a shifted view would differ by far more on this picture.
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(60);
    }
  });

  it('leaves the other filters to drawPixels', async () => {
    const policy = timmEval({ size: 16 });
    expect(await draw(policy)).toEqual(drawPolicy(policy, image));
  });
});
