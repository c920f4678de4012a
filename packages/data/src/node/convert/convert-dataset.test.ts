import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import type { ImageDataset } from '../dataset/dataset.ts';
import { fileSource, readBytes } from '../files/byte-source.ts';
import { openDataset, type OpenDatasetOptions } from '../readers/open-dataset.ts';
import { convertDataset, type ConvertedLayout } from './convert-dataset.ts';

const cacheFolder = 'unused';

let images: Buffer[];
let folder: string;
beforeAll(async () => {
  images = await Promise.all([
    picture(20, 16, { r: 200, g: 40, b: 90 }, 'jpeg'),
    picture(16, 16, { r: 0, g: 40, b: 90 }, 'png'),
    picture(12, 16, { r: 0, g: 0, b: 90 }, 'webp'),
  ]);
});

/** Images by id: class, part and bytes. The bytes are in files named by a number. */
async function dataset(
  rows: readonly (readonly [id: string, className: string, split?: string])[],
  classNames: string[],
): Promise<ImageDataset> {
  folder = await temporaryFolder();
  const examples = await Promise.all(
    rows.map(async ([id, className, split], i) => {
      const file = join(folder, String(i));
      const image = images[i % 3]!;
      await writeFile(file, image);
      const example = {
        id,
        label: classNames.indexOf(className),
        source: fileSource(file, image.length),
      };
      return split === undefined ? example : { ...example, split };
    }),
  );
  return { name: 'made-train', format: 'manifest', classNames, examples };
}

/** Part, class and bytes of every image, in a fixed order. */
async function contentOf({ examples, classNames }: ImageDataset): Promise<string[]> {
  const rows = examples.map(async ({ label, split, source }) =>
    [split, classNames[label], (await readBytes(source)).toString('base64')].join(' '),
  );
  return (await Promise.all(rows)).sort();
}

const open = async (
  path: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> => openDataset(path, { cacheFolder, ...options });

const rows = [
  ['a/photo.jpg', 'rose', 'train'],
  ['b/photo.png', 'daisy', 'train'],
  ['c/PHOTO.JPG', 'rose', 'train'],
  ['x.parquet#3', 'daisy', 'validation'],
  ['d/.hidden.png', 'rose', 'validation'],
  ['e/photo.jpg', 'rose', 'train'],
] as const;

describe.each<ConvertedLayout>(['folder', 'webdataset'])('conversion to %s', (to) => {
  it('keeps bytes, classes and parts, and reports progress', async () => {
    const from = await dataset(rows, ['daisy', 'rose']);
    const out = join(folder, 'new', 'out');
    const onProgress = vi.fn();
    const written = await convertDataset(from, { to, out, onProgress });
    expect(written).toEqual({
      images: 6,
      files: to === 'folder' ? 6 : 2,
      bytes: from.examples.reduce((sum, { source }) => sum + source.length, 0),
      warnings: [],
    });
    expect(onProgress.mock.calls.flat()).toEqual([1, 2, 3, 4, 5, 6]);
    const read = await open(out);
    expect(await contentOf(read)).toEqual(await contentOf(from));
    expect(read.classNames).toEqual(from.classNames);
    expect(await readdir(join(folder, 'new'))).toEqual(['out']);
  });

  it('keeps the order of classes, and classes without images, in classnames.txt', async () => {
    const from = await dataset(rows, ['rose', 'none yet', 'daisy']);
    const out = join(folder, 'out');
    const { warnings } = await convertDataset(from, { to, out });
    expect(await readFile(join(out, 'classnames.txt'), 'utf8')).toBe('rose\nnone yet\ndaisy\n');
    expect(warnings).toHaveLength(to === 'folder' ? 1 : 0);
    const names = to === 'folder' ? { classNames: ['rose', 'none yet', 'daisy'] } : {};
    const read = await open(out, names);
    expect(read.classNames).toEqual(from.classNames);
    expect(await contentOf(read)).toEqual(await contentOf(from));
  });

  it('says which parts cannot be written', async () => {
    const others = [...rows, ['1.jpg', 'rose', 'extra'], ['2.jpg', 'rose']] as const;
    const from = await dataset(others, ['daisy', 'rose']);
    const out = join(folder, 'out');
    expect(await convertDataset(from, { to, out })).toMatchObject({
      images: 6,
      warnings: [
        'Not written, because only train, validation and test can be: 1 images in "extra", 1 images in no part.',
      ],
    });
    const none = await dataset([['1.jpg', 'rose', 'extra']], ['daisy', 'rose']);
    await expect(convertDataset(none, { to, out: join(folder, 'out') })).rejects.toThrow(
      'The parts of made-train are extra; only train, validation and test can be written.',
    );
  });

  it('writes nothing into a folder with files, and leaves nothing after a failure', async () => {
    const from = await dataset(rows, ['daisy', 'rose']);
    const out = join(folder, 'out');
    await writeFolder(out, { 'a.txt': Buffer.from('mine') });
    await expect(convertDataset(from, { to, out })).rejects.toMatchObject({
      code: 'bad-option',
      message: `"${out}" is not empty; give a new or empty folder (option "out").`,
    });
    await expect(convertDataset(from, { to, out: join(out, 'a.txt') })).rejects.toThrow(
      'is not a folder',
    );
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const before = (await readdir(folder)).sort();
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(convertDataset(from, { to, out: empty, signal: stop })).rejects.toThrow('stopped');
    await writeFile(from.examples[4]!.source.file, 'no image');
    from.examples[4]!.id = 'no-ending';
    from.examples[4]!.source = fileSource(from.examples[4]!.source.file, 8);
    await expect(convertDataset(from, { to, out: empty })).rejects.toMatchObject({
      code: 'corrupt-image',
      message:
        'Image no-ending cannot be read: it is not a JPEG, PNG, WebP, BMP, GIF or TIFF file. ' +
        'Repair or remove these files, or leave them out (option "skipCorrupt").',
    });
    expect((await readdir(folder)).sort()).toEqual(before);
    const all = from.examples.map((example) => ({ ...example, source: from.examples[4]!.source }));
    await expect(
      convertDataset({ ...from, examples: all }, { to, out: empty, skipCorrupt: true }),
    ).rejects.toThrow(/^Image a\/photo\.jpg cannot be read: .* file; nor can 5 others\.$/);
    const { images: count, warnings } = await convertDataset(from, {
      to,
      out: empty,
      skipCorrupt: true,
    });
    expect([count, warnings]).toEqual([
      5,
      [
        'Not written: 1 image. Image no-ending cannot be read: it is not a JPEG, PNG, WebP, BMP, GIF or TIFF file.',
      ],
    ]);
    expect((await open(empty)).examples).toHaveLength(5);
  });
});

describe('class folders', () => {
  it('keep the names of files, numbered if two are equal on some file system', async () => {
    const from = await dataset(rows, ['daisy', 'rose']);
    const out = join(folder, 'out');
    await convertDataset(from, { to: 'folder', out });
    expect((await open(out)).examples.map(({ id }) => id)).toEqual([
      'train/daisy/photo.png',
      'train/rose/PHOTO-2.JPG',
      'train/rose/photo-3.jpg',
      'train/rose/photo.jpg',
      'validation/daisy/x.parquet#3.jpg',
      'validation/rose/_hidden.png',
    ]);
  });

  it('can be nested, which the reader is told', async () => {
    const nested = [
      ['1.jpg', 'fruit/apple'],
      ['2.png', 'fruit/pear'],
      ['3.webp', 'nut'],
    ] as const;
    const from = await dataset(nested, ['fruit/apple', 'fruit/pear', 'nut']);
    const out = join(folder, 'out');
    const { warnings } = await convertDataset(from, { to: 'folder', out });
    expect(warnings).toEqual([
      'The classes are nested folders, which are read if asked for (option "nestedClasses").',
    ]);
    expect((await open(out, { nestedClasses: true })).classNames).toEqual(from.classNames);
  });

  it.each([['..'], ['.hidden'], ['/m/01'], ['a\\b'], ['what?'], ['dot.'], ['x'.repeat(300)]])(
    'are refused for the class %s',
    async (name) => {
      const from = await dataset(
        [
          ['1.jpg', name],
          ['2.jpg', 'rose'],
        ],
        [name, 'rose'],
      );
      const out = join(folder, 'out');
      await expect(convertDataset(from, { to: 'folder', out })).rejects.toThrow(
        /^The class ".*" of made-train cannot be the name of a folder; convert to webdataset\.$/,
      );
      await convertDataset(from, { to: 'webdataset', out });
      expect(await contentOf(await open(out))).toEqual(await contentOf(from));
    },
  );

  it('are refused if they would be read as something else', async () => {
    const parts = await dataset(
      [
        ['1.jpg', 'train'],
        ['2.jpg', 'test'],
      ],
      ['train', 'test'],
    );
    await expect(
      convertDataset(parts, { to: 'folder', out: join(folder, 'out') }),
    ).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(
        /^The classes of made-train cannot be written as class folders: the result would not be read as the same data set/,
      ) as string,
    });
    const tests = await dataset(
      [
        ['1.jpg', 'a', 'test'],
        ['2.jpg', 'b', 'test'],
      ],
      ['a', 'b'],
    );
    await expect(convertDataset(tests, { to: 'folder', out: join(folder, 'out') })).rejects.toThrow(
      'has only the part test, which a folder of class folders cannot express',
    );
  });
});

describe('webdataset', () => {
  it('begins a new shard at the size, and names no shard like a part', async () => {
    const from = await dataset(
      rows.map(([id, className]) => [id, className] as const),
      ['daisy', 'rose'],
    );
    const out = join(folder, 'out');
    await convertDataset(from, { to: 'webdataset', out, shardBytes: 6000 });
    const files = (await readdir(out)).filter((name) => name !== 'classnames.txt');
    expect(files.length).toBeGreaterThan(1);
    expect(files[0]).toBe('made-000000.tar');
    const read = await open(out);
    expect(await contentOf(read)).toEqual(await contentOf(from));
    const again = join(folder, 'again');
    await convertDataset(from, { to: 'webdataset', out: again, shardBytes: 6000 });
    for (const file of files)
      expect(await readFile(join(again, file))).toEqual(await readFile(join(out, file)));
    // One shard alone has the names of its classes too.
    const first = await open(join(out, files[0]!));
    expect(first.classNames).toEqual(['daisy', 'rose']);
  });
});
