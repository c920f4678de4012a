import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { samplePhotoLevels, samplePhotos } from '@fixres/testing';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { picture } from '../../../test/make-images.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import { decodeImage } from './decode-image.ts';

const WIDTH = 30;
const HEIGHT = 10;
const made = (background = '#c03060'): Sharp =>
  sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background } });

/** Colour of the pixel in the middle. */
async function colour(bytes: Uint8Array): Promise<number[]> {
  const { width, height, data } = await decodeImage(bytes, 'made');
  expect([width, height, data.length]).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT * 3]);
  const middle = 3 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  return [...data.subarray(middle, middle + 3)];
}

/** The means of a picture's parts, 4 by 4, row by row. Every pixel counts to each part by how much of it lies there. */
function meanLevels({ width, height, data }: RgbImage): number[] {
  const sums = new Float64Array(4 * 4 * 3);
  /** The share of pixel `at` of `length` in the parts of a side. */
  const shares = (at: number, length: number): number[] =>
    [0, 1, 2, 3].map((part) =>
      Math.max(0, Math.min(at + 1, ((part + 1) * length) / 4) - Math.max(at, (part * length) / 4)),
    );
  const across = Array.from({ length: width }, (_, x) => shares(x, width));
  for (let y = 0; y < height; y++) {
    for (const [row, tall] of shares(y, height).entries()) {
      if (tall === 0) continue;
      for (let x = 0; x < width; x++) {
        for (let column = 0; column < 4; column++) {
          const share = tall * across[x]![column]!;
          for (let c = 0; c < 3; c++)
            sums[(row * 4 + column) * 3 + c]! += share * data[(y * width + x) * 3 + c]!;
        }
      }
    }
  }
  return Array.from(sums, (sum) => (sum * 16) / (width * height));
}

function expectNear(actual: number[], expected: number[], tolerance: number): void {
  for (const [i, level] of actual.entries())
    expect(
      Math.abs(level - expected[i]!),
      `${String(actual)} for ${String(expected)}`,
    ).toBeLessThanOrEqual(tolerance);
}

describe('decodeImage', () => {
  it('gives the colours of every kind of file as 8-bit sRGB', async () => {
    const red = [192, 48, 96];
    expectNear(await colour(await made().jpeg({ quality: 95 }).toBuffer()), red, 3);
    expect(await colour(await made().png().toBuffer())).toEqual(red);
    expect(await colour(await made().png({ palette: true }).toBuffer())).toEqual(red);
    expect(await colour(await made().toColourspace('rgb16').png().toBuffer())).toEqual(red);
    expect(await colour(await made().webp({ lossless: true }).toBuffer())).toEqual(red);
    // Ink covers fewer colours than light.
    expectNear(
      await colour(await made('#a05060').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()),
      [160, 80, 96],
      12,
    );
  });

  it('shows sample photos as the originals, which were turned, converted and compressed', async () => {
    for (const [name, levels] of Object.entries(samplePhotoLevels())) {
      const shown = meanLevels(await decodeImage(await readFile(join(samplePhotos, name)), name));
      // Ink covers fewer colours than light, and libvips takes a press of its own for it.
      const tolerance = name === 'fish/goldfish.jpg' ? 30 : 3;
      for (const [i, level] of levels.entries())
        expect(Math.abs(shown[i]! - level), `${name}, ${i}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('gives grey images three equal channels', async () => {
    const grey = await colour(await made('#505050').greyscale().png().toBuffer());
    expect(grey).toEqual([80, 80, 80]);
    expect(await colour(await made('#505050').toColourspace('grey16').png().toBuffer())).toEqual([
      80, 80, 80,
    ]);
    expectNear(await colour(await made('#505050').greyscale().jpeg().toBuffer()), [80, 80, 80], 2);
  });

  it('drops alpha and keeps the colour under it', async () => {
    for (const alpha of [1, 0.5, 0.1]) {
      expect(await colour(await made().ensureAlpha(alpha).png().toBuffer())).toEqual([192, 48, 96]);
    }
  });

  it('takes the first frame of an animation', async () => {
    const frame = (red: number): Buffer =>
      Buffer.alloc(WIDTH * HEIGHT * 3, Buffer.from([red, 0, 0]));
    const raw = { width: WIDTH, height: 2 * HEIGHT, channels: 3, pageHeight: HEIGHT } as const;
    const bytes = await sharp(Buffer.concat([frame(250), frame(20)]), { raw })
      .webp({ lossless: true, loop: 0, delay: [50, 50] })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await colour(bytes)).toEqual([250, 0, 0]);
  });

  it('turns the picture by each of the eight EXIF orientations', async () => {
    // One pixel is marked; where it belongs follows from the EXIF standard's table.
    const pixels = Buffer.alloc(3 * 2 * 3);
    pixels.fill(255, 0, 3);
    const places = [
      [0, 0],
      [2, 0],
      [2, 1],
      [0, 1],
      [0, 0],
      [1, 0],
      [1, 2],
      [0, 2],
    ];
    for (const [i, place] of places.entries()) {
      const bytes = await sharp(pixels, { raw: { width: 3, height: 2, channels: 3 } })
        .withMetadata({ orientation: i + 1 })
        .png()
        .toBuffer();
      const { width, data } = await decodeImage(bytes, 'made');
      const first = data.indexOf(255) / 3;
      expect([first % width, Math.floor(first / width)], `orientation ${i + 1}`).toEqual(place);
    }
  });

  it('refuses images with too many pixels before it reserves memory', async () => {
    const bytes = await made().png().toBuffer();
    await expect(
      decodeImage(bytes, 'made', { maxPixels: WIDTH * HEIGHT - 1 }),
    ).rejects.toMatchObject({
      code: 'image-too-large',
      message: expect.stringMatching(/made has more than 299 pixels/) as string,
    });
    expect((await decodeImage(bytes, 'made', { maxPixels: WIDTH * HEIGHT })).width).toBe(WIDTH);
    // The header claims a row more than is allowed by default.
    const tall = Buffer.from(bytes);
    tall.writeUInt32BE(8192, 16);
    tall.writeUInt32BE(8193, 20);
    await expect(decodeImage(tall, 'tall')).rejects.toMatchObject({
      code: 'image-too-large',
      message: expect.stringMatching(/tall has more than 67108864 pixels/) as string,
    });
  });

  it('refuses formats that data sets do not have, even if libvips reads them', async () => {
    const others = [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      Buffer.from('P6 1 1 255\n\x01\x02\x03'),
      Buffer.alloc(0),
    ];
    for (const bytes of others)
      await expect(decodeImage(bytes, 'made')).rejects.toThrow(
        'Image made cannot be decoded: it is not a JPEG',
      );
  });

  it('refuses truncated files', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await picture(64, 64, undefined, format);
      await expect(
        decodeImage(bytes.subarray(0, bytes.length - 20), 'cut'),
        format,
      ).rejects.toMatchObject({ code: 'corrupt-image' });
    }
  });
});
