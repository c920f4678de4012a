import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { exif, orientation, withExif } from '../../../test/exif.ts';
import { picture, temporaryFolder } from '../../../test/make-images.ts';
import { type ByteSource, fileSource } from '../files/byte-source.ts';
import { decodeImage } from './decode-image.ts';
import { type ImageHeader, readImageHeader, readImageHeaders } from './image-header.ts';

async function stored(bytes: Uint8Array, before = 0): Promise<ByteSource> {
  const file = join(await temporaryFolder(), 'archive');
  await writeFile(
    file,
    Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(before, 0xff)]),
  );
  return fileSource(file, bytes.length, before);
}

async function header(bytes: Uint8Array): Promise<ImageHeader> {
  return readImageHeader(await stored(bytes, 3), 'a/x.jpg');
}

const made = (): Sharp =>
  sharp({ create: { width: 70, height: 40, channels: 3, background: '#c03060' } });
/** A large profile before the picture: the size lies far behind the first read. */
const withLongHeader = (bytes: Buffer): Buffer => {
  const segment = Buffer.alloc(2 + 65_535, 0x20);
  segment.writeUInt16BE(0xffe2, 0);
  segment.writeUInt16BE(65_535, 2);
  return Buffer.concat([bytes.subarray(0, 2), segment, segment, bytes.subarray(2)]);
};

describe('readImageHeader', () => {
  it('gives the size of the decoded image, for every format', async () => {
    const jpeg = await made().jpeg().toBuffer();
    const files: Record<string, Buffer> = {
      jpeg,
      'progressive jpeg': await made().jpeg({ progressive: true }).toBuffer(),
      'grey jpeg': await made().greyscale().jpeg().toBuffer(),
      'cmyk jpeg': await made().toColourspace('cmyk').jpeg().toBuffer(),
      'jpeg with a long header': withLongHeader(jpeg),
      'jpeg with fill bytes': Buffer.concat([
        jpeg.subarray(0, 2),
        Buffer.alloc(5, 0xff),
        jpeg.subarray(2),
      ]),
      png: await made().png().toBuffer(),
      'interlaced palette png': await made().png({ palette: true, progressive: true }).toBuffer(),
      '16-bit png': await made().toColourspace('rgb16').png().toBuffer(),
      'lossy webp': await made().webp().toBuffer(),
      'lossless webp': await made().webp({ lossless: true }).toBuffer(),
      'lossless webp with alpha': await made().ensureAlpha(0.3).webp({ lossless: true }).toBuffer(),
      'lossy webp with alpha': await made().ensureAlpha(0.3).webp().toBuffer(),
      'animated webp': await animation()
        .webp({ loop: 0, delay: [50, 50] })
        .toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const { width, height } = await decodeImage(bytes, name);
      expect([width, height], name).toEqual([70, 40]);
      expect(await header(bytes), name).toEqual({
        width,
        height,
        format: /jpeg|png|webp/.exec(name)![0],
        orientation: 1,
      });
    }
  });

  it.each(['jpeg', 'png', 'webp'] as const)(
    'applies the eight EXIF orientations of %s as decoding does',
    async (format) => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const bytes = await made().withMetadata({ orientation }).toFormat(format).toBuffer();
        const { width, height } = await decodeImage(bytes, format);
        expect([width, height]).toEqual(orientation < 5 ? [70, 40] : [40, 70]);
        expect(await header(bytes)).toEqual({ width, height, format, orientation });
      }
    },
  );

  it('reads EXIF data as decoding does, in any notation', async () => {
    const jpeg = await made().jpeg().toBuffer();
    const written: [string, Buffer, number][] = [
      ['far behind', exif('II', [orientation(6)], 9000), 6],
      ['as a LONG', exif('II', [{ ...orientation(6), type: 4 }]), 6],
      ['twice', exif('MM', [orientation(8), orientation(1)]), 8],
      ['as no orientation', exif('II', [orientation(9)]), 1],
    ];
    for (const [name, content, expected] of written) {
      const bytes = withExif(jpeg, content);
      const { width, height } = await decodeImage(bytes, name);
      expect(await header(bytes), name).toEqual({
        width,
        height,
        format: 'jpeg',
        orientation: expected,
      });
    }
  });

  it('reads a size at any position', async () => {
    const jpeg = await made().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    for (const end of [4096, 2 ** 17]) {
      for (let at = end - 12; at <= end; at++) {
        const filling: Buffer[] = [];
        for (let rest = at - frame; rest > 0;) {
          // Two bytes of the marker, two of the length.
          const length = rest > 60_000 ? 50_000 : rest;
          const comment = Buffer.alloc(length, 0x20);
          comment.writeUInt16BE(0xfffe, 0);
          comment.writeUInt16BE(length - 2, 2);
          filling.push(comment);
          rest -= length;
        }
        const bytes = Buffer.concat([jpeg.subarray(0, 2), ...filling, jpeg.subarray(2)]);
        expect(await header(bytes), String(at)).toMatchObject({ width: 70, height: 40 });
      }
    }
  });

  it('reads a header without a picture', async () => {
    const bytes = Buffer.from('ffd8ffc00011080028004603012200021101031101ffda0002', 'hex');
    expect(await header(bytes)).toEqual({ width: 70, height: 40, format: 'jpeg', orientation: 1 });
  });

  it('reads deflated entries', async () => {
    const bytes = await picture(50, 20);
    const deflated = deflateRawSync(bytes);
    const source = await stored(deflated);
    const entry: ByteSource = { ...source, compression: 'deflate', inflatedLength: bytes.length };
    expect(await readImageHeader(entry, 'x')).toMatchObject({ width: 50, height: 20 });
  });

  it('names files without a size', async () => {
    const jpeg = await picture();
    const flat = Buffer.from(jpeg);
    flat.writeUInt16BE(0, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5);
    const broken: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('I am no picture'),
      jpeg.subarray(0, 4),
      jpeg.subarray(0, 100),
      Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2]),
      Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
      flat,
      (await picture(9, 9, undefined, 'png')).subarray(0, 20),
      (await picture(9, 9, undefined, 'webp')).subarray(0, 20),
      Buffer.from('RIFF....WEBPVP8Z..................'),
    ];
    for (const bytes of broken) {
      await expect(header(bytes), bytes.toString('latin1')).rejects.toMatchObject({
        code: 'corrupt-image',
        message: expect.stringContaining('Image a/x.jpg cannot be read') as string,
      });
    }
  });
});

describe('readImageHeaders', () => {
  it('keeps the order and reports unreadable files', async () => {
    const examples = await Promise.all(
      [await picture(10, 20), Buffer.from('nothing'), await picture(30, 40)].map(
        async (bytes, i) => ({ id: `a/${i}`, label: 0, source: await stored(bytes) }),
      ),
    );
    const seen: number[] = [];
    const { headers, failures } = await readImageHeaders(examples, {
      onProgress: (n) => seen.push(n),
    });
    expect(headers.map((found) => found?.width)).toEqual([10, undefined, 30]);
    expect(failures).toMatchObject([{ id: 'a/1', code: 'corrupt-image' }]);
    expect(seen).toEqual([1, 2, 3]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readImageHeaders(examples, { signal })).rejects.toThrow('enough');
  });
});

/** Two frames of different colours. */
function animation(): Sharp {
  const frame = (red: number): Buffer => Buffer.alloc(70 * 40 * 3, Buffer.from([red, 0, 0]));
  return sharp(Buffer.concat([frame(250), frame(20)]), {
    raw: { width: 70, height: 80, channels: 3, pageHeight: 40 },
  });
}
