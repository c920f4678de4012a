import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Size } from '../../geometry/view.ts';
import { drawPixels } from '../../pixels/draw-pixels.ts';
import { withShrinkOnLoad } from '../../policies/compose.ts';
import { shortSideCrop } from '../../policies/fixres-authors.ts';
import { resize } from '../../policies/keras-fixres.ts';
import { type Drawing, drawingOf, type Policy } from '../../policies/policy.ts';
import { createRandom } from '../../rng.ts';
import { decodeImage } from './decode-image.ts';
import { decodeShrunk } from './decode-shrunk.ts';

/** A smooth picture: a good decoder's scaled image shows the same. */
async function photo(
  width: number,
  height: number,
  format: 'jpeg' | 'png' = 'jpeg',
  orientation = 1,
): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g" x2="1" y2="1">
    <stop stop-color="#d04060"/><stop offset="1" stop-color="#20a0f0"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>
    <circle cx="30%" cy="60%" r="25%" fill="#f0e020"/></svg>`;
  return sharp(Buffer.from(svg))
    .flatten()
    .withMetadata({ orientation })
    .toFormat(format)
    .toBuffer();
}

const shrunk = (bytes: Buffer, policy: Policy): ReturnType<typeof decodeShrunk> =>
  decodeShrunk(bytes, 'made', (size) => drawingOf(policy, size, createRandom(0)));

describe('decodeShrunk', () => {
  it.each([
    [1024, 512, 56, 128, 64],
    [1023, 517, 56, 127, 64],
    [1024, 512, 112, 256, 128],
    [1024, 512, 224, 512, 256],
    [1024, 512, 448, 1024, 512],
  ])(
    'decodes %i x %i for a crop of %i at %i x %i, and shows the same',
    async (width, height, size, decodedWidth, decodedHeight) => {
      const bytes = await photo(width, height);
      const policy = shortSideCrop(size);
      const { image, drawing } = await shrunk(bytes, withShrinkOnLoad(policy));
      expect([image.width, image.height]).toEqual([decodedWidth, decodedHeight]);
      const full = await decodeImage(bytes, 'made');
      const [ours, expected] = [new Uint8Array(size * size * 3), new Uint8Array(size * size * 3)];
      drawPixels(image, drawing, ours);
      drawPixels(full, drawingOf(policy, full, createRandom(0)), expected);
      const mean =
        ours.reduce((sum, level, i) => sum + Math.abs(level - expected[i]!), 0) / ours.length;
      expect(mean).toBeLessThan(1);
    },
  );

  it('decodes at full size all but upright JPEG files, and for lanczos3', async () => {
    const policy = withShrinkOnLoad(resize(32));
    expect((await shrunk(await photo(640, 320, 'png'), policy)).image).toMatchObject({
      width: 640,
      height: 320,
    });
    expect((await shrunk(await photo(640, 320, 'jpeg', 6), policy)).image).toMatchObject({
      width: 320,
      height: 640,
    });
    const lanczos = withShrinkOnLoad(shortSideCrop(32, { interpolation: 'lanczos3' }));
    expect((await shrunk(await photo(640, 320), lanczos)).image).toMatchObject({
      width: 640,
      height: 320,
    });
  });

  it('refuses images with too many pixels at full size, even if they are decoded smaller', async () => {
    const policy = withShrinkOnLoad(resize(32));
    const draw = (size: Size): Drawing => drawingOf(policy, size, createRandom(0));
    const bytes = await photo(640, 320);
    await expect(
      decodeShrunk(bytes, 'made', draw, { maxPixels: 640 * 320 - 1 }),
    ).rejects.toMatchObject({ code: 'image-too-large' });
    expect((await decodeShrunk(bytes, 'made', draw, { maxPixels: 640 * 320 })).image).toMatchObject(
      { width: 80, height: 40 },
    );
  });

  it.each([8, 400])('refuses a file cut after %i bytes', async (length) => {
    const bytes = await photo(640, 320);
    await expect(
      shrunk(bytes.subarray(0, length), withShrinkOnLoad(resize(32))),
    ).rejects.toMatchObject({ code: 'corrupt-image' });
  });
});
