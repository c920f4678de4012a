import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { exif, withExif } from '../../../test/exif.ts';
import { exifCapture } from './exif-capture.ts';
import { imageHeaderOf } from './image-header.ts';

/** A picture with EXIF data written by libexif. */
async function photo(
  format: 'jpeg' | 'webp' | 'png',
  { camera = {}, taken = {} }: { camera?: object; taken?: object },
): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
    .withExif({ IFD0: { ...camera }, IFD2: { ...taken } })
    .toFormat(format)
    .toBuffer();
}

const camera = { Make: 'Acme', Model: 'One' };
const taken = { DateTimeOriginal: '2024:02:29 23:59:58' };

it('reads camera and time from each format that sharp writes', async () => {
  for (const format of ['jpeg', 'webp', 'png'] as const) {
    const header = await imageHeaderOf(await photo(format, { camera, taken }), 'a');
    expect(header, format).toEqual({
      width: 8,
      height: 6,
      format,
      orientation: 1,
      capture: { camera: 'Acme One', seconds: Date.UTC(2024, 1, 29, 23, 59, 58) / 1000 },
    });
  }
});

it('is undefined without a camera or a time', async () => {
  for (const tags of [
    { camera },
    { taken },
    { camera, taken: { DateTimeOriginal: '0000:00:00 00:00:00' } },
    { camera, taken: { DateTimeOriginal: '2024-02-29 23:59:58' } },
  ])
    expect((await imageHeaderOf(await photo('jpeg', tags), 'a')).capture).toBeUndefined();
});

it('survives damaged data', async () => {
  const { exif: written } = await sharp(await photo('jpeg', { camera, taken })).metadata();
  const content = written!.subarray(6);
  expect(exifCapture(content)).toBeDefined();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(content.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.nat(content.length),
      (changes, length) => {
        const damaged = Buffer.from(content.subarray(0, length));
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        exifCapture(damaged);
      },
    ),
  );
  // A pointer to the photo's directory that leads out of the data.
  const far = exif('II', [{ tag: 0x8769, type: 4, count: 1, value: 60_000 }]);
  expect(exifCapture(far)).toBeUndefined();
  const jpeg = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  expect((await imageHeaderOf(withExif(jpeg, far), 'a')).capture).toBeUndefined();
});
