import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { levels, readFixtures } from '../../../test/fixtures.ts';
import { temporaryFolder } from '../../../test/make-images.ts';
import { fileSource } from '../files/byte-source.ts';
import { bmpSize, decodeBmp } from './bmp.ts';
import { decodeImage } from './decode-image.ts';
import { readImageHeader } from './image-header.ts';

/** BMP, GIF and TIFF files and what Pillow makes of them: `scripts/make-picture-fixtures.py`. */
const pictures = readFixtures('pictures') as Record<
  string,
  { file: string; width: number; height: number; levels: string }
>;

it.each(Object.keys(pictures))(
  '%s has the levels of Pillow and a header of the same size',
  async (name) => {
    const { file, width, height, levels: expected } = pictures[name]!;
    const bytes = levels(file);
    const image = await decodeImage(bytes, name);
    expect([image.width, image.height]).toEqual([width, height]);
    expect(Buffer.from(image.data).equals(levels(expected))).toBe(true);
    const place = join(await temporaryFolder(), 'archive');
    await writeFile(place, Buffer.concat([Buffer.alloc(5), bytes, Buffer.alloc(5)]));
    expect(await readImageHeader(fileSource(place, bytes.length, 5), name)).toMatchObject({
      width,
      height,
      format: name.split(' ')[0],
    });
  },
);

const colours = levels(pictures['bmp P']!.file);

it('refuses a BMP file that is cut anywhere', () => {
  for (let length = 0; length < colours.length; length++)
    expect(() => decodeBmp(colours.subarray(0, length)), String(length)).toThrow(RangeError);
});

it('reads a BMP file or reports what is wrong, for any header', () => {
  const others = Object.keys(pictures)
    .filter((name) => name.startsWith('bmp'))
    .map((name) => levels(pictures[name]!.file));
  const change = fc.record({
    at: fc.nat({ max: 69 }),
    value: fc.constantFrom(0, 1, 3, 6, 24, 32, 127, 128, 255),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...others),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (file, changes) => {
        const bytes = file.slice();
        for (const { at, value } of changes) bytes[at] = value;
        try {
          const { width, height, data } = decodeBmp(bytes);
          expect({ width, height }).toEqual(bmpSize(bytes.subarray(0, 70)));
          expect(data.length).toBe(width * height * 3);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect((error as Error).message).toMatch(/^(ends|has|is) /);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

it('names unsupported formats', async () => {
  const runLengths = colours.slice();
  runLengths[30] = 1;
  await expect(decodeImage(runLengths, 'a')).rejects.toThrow(
    'Image a cannot be decoded: it is compressed by method 1, which is not supported.',
  );
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0');
  await expect(decodeImage(heic, 'a')).rejects.toThrow(
    'it is HEIC, AVIF or a film, which are not supported.',
  );
  await expect(decodeImage(colours, 'a', { maxPixels: 12 * 7 })).rejects.toMatchObject({
    code: 'image-too-large',
  });
});
