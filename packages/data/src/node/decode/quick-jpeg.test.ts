import { flowersArchive, samplePhotos } from '@fixres/testing';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { drawPixels } from '../../pixels/draw-pixels.ts';
import { shortSideCrop } from '../../policies/fixres-authors.ts';
import { sampledBoundingBoxCrop } from '../../policies/keras-fixres.ts';
import { drawingOf } from '../../policies/policy.ts';
import { createRandom } from '../../rng.ts';
import type { Example } from '../dataset/dataset.ts';
import { readBytes } from '../files/byte-source.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { decodeImage } from './decode-image.ts';
import { decodeQuickly, drawQuickly } from './quick-jpeg.ts';

const limits = { maxPixels: 2 ** 26 };

const noise = (): Sharp => {
  const random = createRandom(3);
  const data = Uint8Array.from({ length: 60 * 40 * 3 }, () => random.int(256));
  return sharp(data, { raw: { width: 60, height: 40, channels: 3 } });
};

/** Puts EXIF data with an orientation into a JPEG file. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const tiff = [
    ...Buffer.from('Exif\0\0MM\0*'),
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xe1, 0, tiff.length + 2, ...tiff]),
    jpeg.subarray(2),
  ]);
}

describe('decodeQuickly', () => {
  /** Checks that a photo is as libvips decodes it; false where it is left to libvips. */
  async function equalsLibvips({ id, source }: Example): Promise<boolean> {
    const bytes = await readBytes(source);
    const image = decodeQuickly(bytes, limits);
    if (!image) return false;
    const expected = await decodeImage(bytes, id);
    expect([image.width, image.height], id).toEqual([expected.width, expected.height]);
    expect(Buffer.compare(image.data, expected.data), id).toBe(0);
    return true;
  }

  it('gives the levels of libvips for real photos, baseline and progressive', async () => {
    const { examples } = await openDataset(samplePhotos, { cacheFolder: await temporaryFolder() });
    const left: string[] = [];
    for (const example of examples) if (!(await equalsLibvips(example))) left.push(example.id);
    expect(examples).toHaveLength(40);
    // Turned, in CMYK, with a colour profile, 4:4:0, 4:1:1, and no JPEG at all.
    expect(left).toEqual([
      ...['koala.jpg', 'lemur.webp', 'scarlet-macaw.png'].map((name) => `animals/${name}`),
      ...['anthias.webp', 'clownfish.png', 'goldfish.jpg', 'puffer.jpg', 'wrasse.jpg'].map(
        (name) => `fish/${name}`,
      ),
      ...[
        'chenonceau.jpg',
        'hawa-mahal.png',
        'petra.jpg',
        'pont-du-gard.jpg',
        'qutb-minar.jpg',
      ].map((name) => `monuments/${name}`),
      ...['nail-clipper.jpg', 'screwdriver.jpg', 'tape-measure.jpg', 'wrench.png'].map(
        (name) => `tools/${name}`,
      ),
      ...['khokhlovka.jpg', 'mykonos.webp', 'portuguese.jpg', 'schillingstedt.jpg'].map(
        (name) => `windmills/${name}`,
      ),
    ]);
  });

  it('gives the levels of libvips for the flower photos', { tags: 'flowers' }, async () => {
    const { examples } = await openDataset(flowersArchive(), {
      cacheFolder: await temporaryFolder(),
    });
    for (const example of examples.filter((_, i) => i % 61 === 0))
      expect(await equalsLibvips(example), example.id).toBe(true);
  });

  it('leaves turned and converted pictures, other formats and damaged files to libvips', async () => {
    const upright = withOrientation(await noise().jpeg().toBuffer(), 1);
    expect(decodeQuickly(upright, limits)).toMatchObject({ width: 60, height: 40 });
    const turned = withOrientation(await noise().jpeg().toBuffer(), 6);
    expect(await decodeImage(turned, 'turned')).toMatchObject({ width: 40, height: 60 });
    const others = {
      turned,
      png: await noise().png().toBuffer(),
      cmyk: await noise().toColourspace('cmyk').jpeg().toBuffer(),
      profile: await noise().withIccProfile('p3').jpeg().toBuffer(),
      cut: upright.subarray(0, upright.length - 50),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(others))
      expect(decodeQuickly(bytes, limits), name).toBeUndefined();
  });
});

describe('drawQuickly', () => {
  it.each([sampledBoundingBoxCrop(24), shortSideCrop(20)])(
    'draws what a full decode shows: $name',
    async (policy) => {
      const bytes = await noise().jpeg({ progressive: true }).toBuffer();
      const full = await decodeImage(bytes, 'noise');
      for (let seed = 0; seed < 20; seed++) {
        const length = policy.output.width * policy.output.height * 3;
        const [ours, expected] = [new Uint8Array(length), new Uint8Array(length)];
        expect(
          drawQuickly(bytes, (size) => drawingOf(policy, size, createRandom(seed)), limits, ours),
        ).toBe(true);
        drawPixels(full, drawingOf(policy, full, createRandom(seed)), expected);
        expect(ours).toEqual(expected);
      }
    },
  );

  it('leaves lanczos3 to libvips', async () => {
    const bytes = await noise().jpeg().toBuffer();
    const policy = shortSideCrop(20, { interpolation: 'lanczos3' });
    expect(
      drawQuickly(
        bytes,
        (size) => drawingOf(policy, size, createRandom(0)),
        limits,
        new Uint8Array(1200),
      ),
    ).toBe(false);
  });
});
