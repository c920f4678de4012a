import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { samplePhotos } from '@fixres/testing';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { type JpegDecoding, jpegDecodings } from '../../contract/jpeg-decoding.ts';
import { createRandom } from '../../rng.ts';
import { decodeImage } from './decode-image.ts';
import { decodeQuickly } from './quick-jpeg.ts';

interface Levels {
  width: number;
  height: number;
  sha256: string;
}

/** What TensorFlow 2.21 decodes files to, by scripts/make-jpeg-levels.py. */
type Expected = Record<string, Partial<Record<JpegDecoding, Levels>>>;

const folder = fileURLToPath(new URL('../../fixtures/jpeg-levels/', import.meta.url));
const { photos, samples } = JSON.parse(await readFile(join(folder, 'levels.json'), 'utf8')) as {
  photos: Expected;
  samples: Expected;
};

async function expectLevels(
  files: string,
  expected: Expected,
  decode: JpegDecoding,
): Promise<number> {
  const known = Object.entries(expected).filter(([, levels]) => levels[decode]);
  for (const [name, levels] of known) {
    const { width, height, data } = await decodeImage(await readFile(join(files, name)), name, {
      decode,
    });
    const sha256 = createHash('sha256').update(data).digest('hex');
    expect({ width, height, sha256 }, name).toEqual(levels[decode]);
  }
  return known.length;
}

const noise = (): Sharp => {
  const random = createRandom(3);
  const data = Uint8Array.from({ length: 60 * 40 * 3 }, () => random.int(256));
  return sharp(data, { raw: { width: 60, height: 40, channels: 3 } });
};

describe.each(jpegDecodings)('decode: %s', (decode) => {
  it('gives every byte that TensorFlow gives for a hundred photos', async () => {
    expect(await expectLevels(folder, photos, decode)).toBe(100);
  });

  it('gives every byte for the sample photos, also turned, 4:4:0 and 4:1:1', async () => {
    // Two have a colour profile, which TensorFlow ignores and sharp applies; one has CMYK.
    const count = Object.keys(samples).length;
    expect(count).toBe(32);
    expect(await expectLevels(samplePhotos, samples, decode)).toBe(
      decode === 'tensorflow' ? count : count - 2,
    );
  });

  it('refuses a file that is cut off, and one with too many pixels', async () => {
    const bytes = await noise().jpeg().toBuffer();
    await expect(
      decodeImage(bytes.subarray(0, bytes.length - 50), 'cut', { decode }),
    ).rejects.toMatchObject({ code: 'corrupt-image' });
    await expect(
      decodeImage(bytes, 'large', { decode, maxPixels: 60 * 40 - 1 }),
    ).rejects.toMatchObject({ code: 'image-too-large' });
  });
});

it('the decoder in WebAssembly gives every byte that TensorFlow gives for a hundred photos', async () => {
  for (const [name, { accurate }] of Object.entries(photos)) {
    const bytes = await readFile(join(folder, name));
    const { width, height, data } = decodeQuickly(bytes, { maxPixels: 2 ** 22 })!;
    const sha256 = createHash('sha256').update(data).digest('hex');
    expect({ width, height, sha256 }, name).toEqual(accurate);
  }
});

describe('decode: tensorflow', () => {
  const equalsAccurate = async (bytes: Buffer): Promise<boolean> => {
    const [one, other] = await Promise.all(
      jpegDecodings.map((decode) => decodeImage(bytes, 'made', { decode })),
    );
    return Buffer.compare(one!.data, other!.data) === 0;
  };

  it('changes only the levels of JPEG files', async () => {
    expect(await equalsAccurate(await noise().jpeg().toBuffer())).toBe(false);
    expect(await equalsAccurate(await noise().png().toBuffer())).toBe(true);
  });

  it('leaves CMYK files to sharp', async () => {
    const cmyk = await readFile(join(samplePhotos, 'fish/goldfish.jpg'));
    expect(await equalsAccurate(cmyk)).toBe(true);
  });

  it('leaves files that seem to have more than 100 scans to sharp', async () => {
    const bytes = await noise().jpeg().toBuffer();
    const withComment = (markers: number): Buffer => {
      const comment = Buffer.alloc(2 * markers, Buffer.from([0xff, 0xda]));
      const head = Buffer.from([0xff, 0xfe, 0, 2 + comment.length]);
      return Buffer.concat([bytes.subarray(0, 2), head, comment, bytes.subarray(2)]);
    };
    // The file's own scan is one more.
    expect(await equalsAccurate(withComment(99))).toBe(false);
    expect(await equalsAccurate(withComment(100))).toBe(true);
  });
});
