import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { samplePhotos } from './sample-photos.ts';

/** The rows of the README's table by file: author, licence, and size and format in words. */
async function table(): Promise<
  Record<string, { author: string; licence: string; stored: string }>
> {
  const readme = await readFile(join(samplePhotos, '..', 'README.md'), 'utf8');
  return Object.fromEntries(
    Array.from(readme.matchAll(/^\| `(.+?)` \| (.+) \|$/gm), ([, file, cells]) => {
      const [, author, licence, , stored] = cells!.split(' | ');
      return [file!, { author: author!, licence: licence!, stored: stored! }];
    }),
  );
}

/** What libvips reports about a file, in the words of the table. */
async function found(file: string): Promise<string> {
  const bytes = await readFile(file);
  const {
    format,
    width,
    height,
    space,
    depth,
    orientation = 1,
    isProgressive,
    isPalette,
    hasProfile,
  } = await sharp(bytes).metadata();
  const [across, down] = orientation > 4 ? [height, width] : [width, height];
  const words = [
    `${across} x ${down}; ${{ jpeg: 'JPEG', png: 'PNG', webp: 'WebP' }[format as string]}`,
  ];
  if (isPalette) words.push('palette');
  if (format === 'png' && depth === 'ushort') words.push('16-bit grey');
  else if (space === 'b-w') words.push('grey');
  if (space === 'cmyk') words.push('CMYK');
  if (hasProfile) words.push(profileOf(bytes));
  if (format === 'jpeg') {
    words.push(isProgressive ? 'progressive' : 'baseline');
    if (space === 'srgb') words.push(subsampling(bytes));
    if (bytes.includes(Buffer.from([0xff, 0xdd, 0, 4]))) words.push('restart markers');
    if (bytes.includes('Exif\0')) words.push(`EXIF orientation ${orientation}`);
  }
  // VP8L is the lossless codec of WebP; there is one other.
  if (format === 'webp') words.push(bytes.includes('VP8L') ? 'lossless' : 'lossy');
  return words.join(', ');
}

const SUBSAMPLINGS: Record<number, string> = {
  0x11: '4:4:4',
  0x12: '4:4:0',
  0x21: '4:2:2',
  0x22: '4:2:0',
  0x41: '4:1:1',
};

/**
 * From the sampling factors of luma in the frame header; libvips reports everything except 4:4:4 as
 * 4:2:0.
 */
function subsampling(bytes: Buffer): string {
  const frame = Math.max(
    ...[0xc0, 0xc2].map((marker) => bytes.indexOf(Buffer.from([0xff, marker, 0, 17, 8]))),
  );
  return SUBSAMPLINGS[bytes[frame + 11]!]!;
}

function profileOf(bytes: Buffer): string {
  return bytes.includes('wide gamut') ? 'wide gamut' : 'sRGB profile';
}

it("sample photos match the README's table in number and format", async () => {
  const rows = await table();
  const classes = (await readdir(samplePhotos)).sort();
  expect(classes).toEqual(['animals', 'fish', 'monuments', 'tools', 'windmills']);
  const files = (
    await Promise.all(
      classes.map(async (name) =>
        (await readdir(join(samplePhotos, name))).map((file) => `${name}/${file}`),
      ),
    )
  )
    .flat()
    .sort();
  expect(Object.keys(rows).sort()).toEqual(files);
  for (const [file, { author, licence, stored }] of Object.entries(rows)) {
    expect(author, file).not.toBe('');
    expect(['CC0 1.0', 'public domain'], file).toContain(licence);
    expect(await found(join(samplePhotos, file)), file).toBe(stored);
  }
});

it('sample photos are small', async () => {
  const entries = await readdir(samplePhotos, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await readFile(join(parentPath, name))).length),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 ** 20);
});
