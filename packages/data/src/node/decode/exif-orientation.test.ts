import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { exif, ORIENTATION, orientation, withExif } from '../../../test/exif.ts';
import { exifOrientation } from './exif-orientation.ts';

it('reads what libvips reads, or leaves it to libvips', async () => {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  const tag = fc.record({
    tag: fc.constantFrom(0x0100, 0x010e, ORIENTATION, 0x0213),
    type: fc.constantFrom(1, 3, 3, 3, 4, 9),
    count: fc.constantFrom(1, 1, 1, 2),
    value: fc.nat(9),
  });
  const left: boolean[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('II', 'MM'),
      fc.array(tag, { maxLength: 4 }),
      fc.integer({ min: 8, max: 30 }),
      async (order, tags, start) => {
        const content = exif(order, tags, start);
        const found = exifOrientation(content);
        left.push(found === 0);
        const { orientation: theirs } = await sharp(withExif(jpeg, content)).metadata();
        if (found !== 0) expect(found ?? 1).toBe(theirs ?? 1);
      },
    ),
    { numRuns: 500 },
  );
  expect(left).toContain(true);
  expect(left).toContain(false);
});

it('ignores damaged data', () => {
  expect(exifOrientation(exif('II', [orientation(6)]))).toBe(6);
  const big = exif('MM', [orientation(6)]);
  const far = Buffer.from(big);
  far.writeUInt32BE(0xffffffff, 4);
  const unusable = [
    exif('II', [orientation(9)]),
    exif('MM', [orientation(0)]),
    big.subarray(0, 20),
    big.subarray(0, 7),
    Buffer.alloc(30),
    far,
  ];
  for (const bytes of unusable) expect(exifOrientation(bytes)).toBeUndefined();
});
