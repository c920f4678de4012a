import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/make-images.ts';
import { tarBytes, type TarEntry } from '../../../../test/tar-writer.ts';
import { readBytes } from '../../files/byte-source.ts';
import { tarEntries } from './tar-entries.ts';

/** A pax header of one record. */
function pax(record: string): TarEntry {
  const rest = ` ${record}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length)
    length = String(length).length + rest.length;
  return { path: 'PaxHeader', type: 'x', bytes: Buffer.from(`${length}${rest}`) };
}

async function entriesOf(
  bytes: Uint8Array,
): Promise<{ path: string; bytes: Buffer | undefined }[]> {
  const file = join(await temporaryFolder(), 'x.tar');
  await writeFile(file, bytes);
  const entries = await tarEntries(file);
  return Promise.all(
    entries.map(async ({ path, source }) => ({
      path,
      bytes: source && (await readBytes(source)),
    })),
  );
}

const word = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom('a', 'Z', '7', ' ', '=', 'é', '漢'), minLength: 1, maxLength })
    .map((text) => `_${text}`);

it('finds the files of GNU tar, for any names and sizes', async () => {
  const folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('gnu', 'pax'),
      fc.uniqueArray(fc.tuple(word(60), word(75), fc.nat(2000)), {
        selector: ([parent, name]) => `${parent}/${name}`,
        minLength: 1,
        maxLength: 5,
      }),
      async (format, photos) => {
        const root = join(folder, String(run++));
        const files = new Map<string, Buffer>();
        for (const [parent, name, length] of photos) {
          await mkdir(join(root, parent), { recursive: true });
          files.set(`${parent}/${name}`, Buffer.alloc(length, name));
          await writeFile(join(root, parent, name), files.get(`${parent}/${name}`)!);
        }
        execFileSync('tar', [`--format=${format}`, '-cf', `${root}.tar`, '-C', root, '.']);
        const entries = await tarEntries(`${root}.tar`);
        const found = await Promise.all(
          entries.flatMap(({ path, source }) =>
            source ? [readBytes(source).then((bytes) => [path, bytes] as const)] : [],
          ),
        );
        expect(new Map(found)).toEqual(files);
        expect(entries.flatMap(({ path, source }) => (source ? [] : [path])).sort()).toEqual(
          [...new Set(photos.map(([parent]) => parent))].sort(),
        );
      },
    ),
    { numRuns: 25 },
  );
});

it('prefers the path and size of a pax header to those of the entry, including the prefix', async () => {
  const bytes = Buffer.from('photo');
  const archive = tarBytes([pax('path=a/long.jpg'), { path: 'short', bytes }]);
  // As libarchive writes it: the name is cut to fit, and parted.
  const header = archive.subarray(1024, 1536);
  header.write('cut', 345, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  expect(await entriesOf(archive)).toEqual([{ path: 'a/long.jpg', bytes }]);
  const sized = tarBytes([pax('size=3'), { path: 'a/x.jpg', bytes }]);
  expect(await entriesOf(sized)).toEqual([{ path: 'a/x.jpg', bytes: Buffer.from('pho') }]);
});

it('refuses sparse files and multi-line paths, which it would misread', async () => {
  const sparse = [
    [{ path: 'a/x.jpg', type: 'S' }],
    [pax('GNU.sparse.major=1'), { path: 'a/GNUSparseFile.0/x.jpg' }],
  ];
  for (const entries of sparse) {
    await expect(entriesOf(tarBytes(entries))).rejects.toMatchObject({
      code: 'unsafe-entry',
      message: expect.stringMatching(/x\.jpg" of .*x\.tar is a sparse file/) as string,
    });
  }
  await expect(
    entriesOf(tarBytes([pax('path=a/x\ny.jpg'), { path: 'a/x.jpg' }])),
  ).rejects.toMatchObject({
    code: 'damaged-archive',
    message: expect.stringContaining('a path with a line break') as string,
  });
});
