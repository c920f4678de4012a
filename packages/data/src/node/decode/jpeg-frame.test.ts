import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { samplePhotos } from '@fixres/testing';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../readers/open-dataset.ts';
import { temporaryFolder } from '../../../test/make-images.ts';
import { imageFormat } from './image-format.ts';
import { jpegFrame } from './jpeg-frame.ts';

const segment = (marker: number, ...content: number[]): number[] => [
  0xff,
  marker,
  (content.length + 2) >> 8,
  (content.length + 2) & 0xff,
  ...content,
];
const START = [0xff, 0xd8];
const SCAN = segment(0xda, 1, 1, 0, 0, 63, 0);
const frame = (width: number, height: number, marker = 0xc0, bits = 8): number[] =>
  segment(marker, bits, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0);
const read = (...bytes: number[][]): ReturnType<typeof jpegFrame> =>
  jpegFrame(Uint8Array.from(bytes.flat()));

describe('jpegFrame', () => {
  it('reads the stored size of photos, and whether they have EXIF data', async () => {
    const { examples } = await openDataset(samplePhotos, { cacheFolder: await temporaryFolder() });
    let count = 0;
    for (const { id } of examples) {
      const bytes = await readFile(join(samplePhotos, id));
      if (imageFormat(bytes) !== 'jpeg') continue;
      const { width, height, exif } = await sharp(bytes).metadata();
      expect(jpegFrame(bytes), id).toEqual({ width, height, hasExif: exif !== undefined });
      count += 1;
    }
    expect(count).toBe(33);
  });

  it('skips tables, application data and comments, also with a frame inside', () => {
    const inside = segment(0xfe, ...frame(9, 9), ...SCAN);
    const size = { width: 300, height: 200 };
    expect(read(START, inside, frame(300, 200), SCAN)).toEqual({ ...size, hasExif: false });
    expect(read(START, frame(300, 200, 0xc2), segment(0xc4, 0), inside, SCAN)).toEqual({
      ...size,
      hasExif: false,
    });
    const exif = segment(0xe1, ...Buffer.from('Exif\0\0'));
    expect(read(START, frame(300, 200), exif, SCAN)).toEqual({ ...size, hasExif: true });
  });

  it.each<[string, number[][]]>([
    ['fill bytes', [START, [0xff], frame(8, 8), SCAN]],
    ['a marker without content', [START, [0xff, 0x01], frame(8, 8), SCAN]],
    ['two frames', [START, frame(8, 8), frame(8, 8), SCAN]],
    ['arithmetic coding', [START, frame(8, 8, 0xc9), SCAN]],
    ['lossless coding', [START, frame(8, 8, 0xc3), SCAN]],
    ['a hierarchy of frames', [START, segment(0xde, 8, 0, 8, 0, 8, 1, 1, 0x11, 0), SCAN]],
    ['12 bits', [START, frame(8, 8, 0xc1, 12), SCAN]],
    ['no height', [START, frame(8, 0), SCAN]],
    ['no scan', [START, frame(8, 8)]],
    ['no frame', [START, SCAN]],
    ['bytes between segments', [START, frame(8, 8), [0], SCAN]],
    ['a segment of no length', [START, [0xff, 0xfe, 0, 1], frame(8, 8), SCAN]],
    ['another first marker', [[0xff, 0xd9], frame(8, 8), SCAN]],
    ['nothing', []],
  ])('leaves a file with %s to libvips', (_, bytes) => {
    expect(read(...bytes)).toBeUndefined();
  });

  it('finds the size that libjpeg finds, after any change of the first bytes', async () => {
    const { data } = await sharp({
      create: { width: 40, height: 24, channels: 3, background: '#c03060' },
    })
      .jpeg()
      .toBuffer({ resolveWithObject: true });
    const change = fc.record({ at: fc.nat(700), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(data);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const found = jpegFrame(bytes);
        if (!found) return;
        // What libvips refuses has no size that could differ.
        const size = await sharp(bytes, { failOn: 'none', limitInputPixels: false })
          .metadata()
          .catch(() => undefined);
        if (size) expect([found.width, found.height]).toEqual([size.width, size.height]);
      }),
      { numRuns: 1000 },
    );
  });
});
