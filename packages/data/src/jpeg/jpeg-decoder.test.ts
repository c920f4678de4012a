import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { jpegDecoder } from './jpeg-decoder.ts';

interface JpegFixtures {
  known: { name: string; width: number; height: number; file: string; pixels: string }[];
  unknown: { name: string; file: string }[];
}

const { known, unknown } = readFixtures('jpeg') as JpegFixtures;
const decoder = jpegDecoder()!;

it('is compiled from assembly/', async () => {
  const script = fileURLToPath(new URL('../../scripts/compile-assembly.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script, '--check']);
});

describe('JpegDecoder', () => {
  it.each(known)("gives libjpeg-turbo's levels: $name", ({ width, height, file, pixels }) => {
    expect(decoder.read(levels(file))).toEqual({ width, height, exif: undefined });
    expect(
      largestDifference(decoder.draw({ x: 0, y: 0, width, height }).data, levels(pixels)),
    ).toBe(0);
  });

  it('draws any part as it is in the whole', () => {
    const part = fc.record({
      of: fc.constantFrom(...known),
      left: fc.nat(99),
      top: fc.nat(99),
      width: fc.nat(99),
      height: fc.nat(99),
    });
    fc.assert(
      fc.property(part, ({ of, ...wanted }) => {
        const [x, y] = [wanted.left % of.width, wanted.top % of.height];
        const [width, height] = [
          1 + (wanted.width % (of.width - x)),
          1 + (wanted.height % (of.height - y)),
        ];
        const whole = levels(of.pixels);
        decoder.read(levels(of.file));
        const { data } = decoder.draw({ x, y, width, height });
        for (let row = y; row < y + height; row++) {
          const [from, to] = [(row * of.width + x) * 3, (row * of.width + x + width) * 3];
          if (largestDifference(data.subarray(from, to), whole.subarray(from, to)) > 0)
            return false;
        }
        return true;
      }),
    );
  });

  it.each(unknown)('leaves to libvips: $name', ({ file }) => {
    expect(decoder.read(levels(file))).toBeUndefined();
  });

  it('refuses what is cut off anywhere, and goes on with the next file', () => {
    for (const { file, width, height } of [known[0]!, known[8]!]) {
      const bytes = levels(file);
      const read = Array.from({ length: bytes.length }, (_, length) => length).filter((length) =>
        decoder.read(bytes.subarray(0, length)),
      );
      expect(read).toEqual([]);
      expect(decoder.read(bytes)).toMatchObject({ width, height });
    }
  });

  it('refuses more pixels than allowed, before it takes memory for them', () => {
    const { file, width, height } = known[0]!;
    expect(decoder.read(levels(file), width * height)).toBeDefined();
    expect(decoder.read(levels(file), width * height - 1)).toBeUndefined();
    const huge = levels(file);
    const frame = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0);
    // Height and width: a row more than the decoder takes.
    huge.set([0x08, 0x01, 0x08, 0x00], frame + 5);
    expect(decoder.read(huge)).toBeUndefined();
  });

  it('gives EXIF data without its prefix', () => {
    const bytes = levels(known[0]!.file);
    const exif = Buffer.from('Exif\0\0MM\0*');
    const segment = Buffer.from([0xff, 0xe1, 0, exif.length + 2, ...exif]);
    const withExif = Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]);
    expect(Buffer.from(decoder.read(withExif)!.exif!).toString()).toBe('MM\0*');
    // Which of two counts is unclear.
    expect(
      decoder.read(Buffer.concat([bytes.subarray(0, 2), segment, segment, bytes.subarray(2)])),
    ).toBeUndefined();
  });
});
