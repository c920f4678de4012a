import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../../test/make-images.ts';
import { type ImageDataset, datasetParts, datasetWarnings } from '../../dataset/dataset.ts';
import { openDataset, type OpenDatasetOptions } from '../open-dataset.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

async function open(
  paths: readonly string[],
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> {
  const folder = join(await temporaryFolder(), 'photos');
  await writeFolder(folder, Object.fromEntries(paths.map((path) => [path, image])));
  return openDataset(folder, { cacheFolder: 'unused', ...options });
}

const ids = ({ examples }: ImageDataset): string[] => examples.map(({ id }) => id);

describe('class folders', () => {
  it('count skipped files by ending, and warn only about images', async () => {
    const dataset = await open([
      'a/1.jpg',
      'a/2.HEIC',
      'a/3.heic',
      'a/note.txt',
      'b/1.jfif',
      'b/2.bmp',
      'b/3.gif',
      'b/4.TIF',
      'b/5.jpe',
      'b/.hidden.heic',
    ]);
    expect(ids(dataset)).toEqual([
      'a/1.jpg',
      'b/1.jfif',
      'b/2.bmp',
      'b/3.gif',
      'b/4.TIF',
      'b/5.jpe',
    ]);
    expect(dataset.leftOut).toEqual([
      { what: '.heic files', count: 2, first: 'a/2.HEIC', matters: true },
      { what: '.txt files', count: 1, first: 'a/note.txt', matters: false },
    ]);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: .heic files (2, the first a/2.HEIC).',
    ]);
  });

  it('accept files without an ending by their content, in folders and archives', async () => {
    const files = {
      'a/1': image,
      'a/2': Buffer.from('no picture'),
      'b/3': image,
      'b/empty': Buffer.alloc(0),
    };
    const folder = await writeFolder(join(await temporaryFolder(), 'photos'), files);
    execFileSync('tar', ['-cf', '../photos.tar', 'a', 'b'], { cwd: folder });
    for (const place of [folder, `${folder}.tar`]) {
      const dataset = await openDataset(place, { cacheFolder: 'unused' });
      expect(ids(dataset)).toEqual(['a/1', 'b/3']);
      expect(dataset.leftOut).toEqual([
        { what: 'files without an ending', count: 2, first: 'a/2', matters: false },
      ]);
    }
  });

  it('report what was found when there is no image to read', async () => {
    await expect(open(['a/1.heic', 'b/1.avif', 'b/2.avif'])).rejects.toThrow(
      /photos contains no readable images; expected .* Left out: \.heic files \(1, the first a\/1\.heic\), \.avif files \(2, the first b\/1\.avif\)\./,
    );
    await expect(open(['a/1.jpg', 'b/1.jpg', 'c/1.heic'])).rejects.toMatchObject({
      code: 'empty-class',
      message: expect.stringMatching(
        /"c" of .* contains no readable images, only 1 of the endings \.heic; add/,
      ) as string,
    });
    await expect(open(['a/1.jpg', 'b/1.jpg', 'c/x/1.jpg'])).rejects.toThrow(
      /"c" of .* contains no readable images, only folders with images; add/,
    );
  });

  it('are read at any depth, and images elsewhere are left out and counted', async () => {
    expect(ids(await open(['1/2/3/4/5/a/x.jpg', '1/2/3/4/5/b/x.jpg']))).toEqual([
      'a/x.jpg',
      'b/x.jpg',
    ]);
    const dataset = await open([
      'cover.jpg',
      'a/1.jpg',
      'a/2.jpg',
      'a/3.jpg',
      'b/1.jpg',
      'a/more/1.jpg',
      'b/more/older/1.jpg',
    ]);
    expect(ids(dataset)).toEqual(['a/1.jpg', 'a/2.jpg', 'a/3.jpg', 'b/1.jpg']);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: images deeper than the class folders (2, the first a/more/1.jpg), images in no class folder (1, the first cover.jpg).',
    ]);
  });

  it('report the images per folder when no layout has most of them', async () => {
    await expect(
      open(['a/1.jpg', 'b/1.jpg', 'x/a/1.jpg', 'x/b/1.jpg', 'x/b/2.jpg']),
    ).rejects.toThrow(
      'has no class folders: 5 images, of which x/a/1.jpg and 2 more in such places; a/1.jpg and 1 more in such places. Expected',
    );
  });

  it('are not the folders of parts, alone or beside other images of parts', async () => {
    for (const paths of [
      ['train/1.jpg', 'test/1.jpg'],
      ['train/1.jpg'],
      ['x/Train/1.jpg', 'x/valid/1.jpg', 'x/test/1.jpg'],
    ]) {
      await expect(open(paths)).rejects.toMatchObject({
        code: 'bad-layout',
        message: expect.stringContaining(
          'in folders named like parts, without class folders',
        ) as string,
      });
    }
    // "train" is a class if another class is not the name of a part.
    expect((await open(['train/1.jpg', 'bus/1.jpg'])).classNames).toEqual(['bus', 'train']);
    expect((await open(['train/1.jpg', 'test/1.jpg', 'extra/1.jpg'])).warnings).toEqual([
      'The classes test and train are named like parts of a data set; parts must contain class folders.',
    ]);
    // More test images without classes than train images.
    const dataset = await open([
      'train/a/1.jpg',
      'train/b/1.jpg',
      'test/1.jpg',
      'test/2.jpg',
      'test/3.jpg',
    ]);
    expect([ids(dataset), dataset.leftOut]).toEqual([
      ['a/1.jpg', 'b/1.jpg'],
      [{ what: 'images in no class folder', count: 3, first: 'test/1.jpg', matters: true }],
    ]);
    const both = await open(['train/a/1.jpg', 'train/b/1.jpg', 'val/a/1.jpg', 'test/1.jpg']);
    expect([...datasetParts(both)]).toEqual([
      ['train', 2],
      ['validation', 1],
    ]);
  });

  it('use the given order and names', async () => {
    expect((await open(['10/x.jpg', '9/x.jpg'])).classNames).toEqual(['9', '10']);
    const { classNames, examples } = await open(['1/x.jpg', '0/x.jpg'], {
      classNames: ['ash', 'oak'],
    });
    expect(examples.map(({ id, label }) => [id, classNames[label]])).toEqual([
      ['0/x.jpg', 'ash'],
      ['1/x.jpg', 'oak'],
    ]);
    expect(
      (await open(['b/x.jpg', 'a/x.jpg'], { classNames: ['b', 'a'] })).examples.map(
        ({ label }) => label,
      ),
    ).toEqual([1, 0]);
    await expect(open(['b/x.jpg', 'a/x.jpg'], { classNames: ['b', 'c'] })).rejects.toThrow(
      'Image a/x.jpg of',
    );
  });
});

describe('names that are not UTF-8', { tags: 'linux' }, () => {
  /** Writes files whose names are bytes that no string in Node can represent. */
  async function withBytes(name: string): Promise<string> {
    const folder = join(await temporaryFolder(), 'photos');
    await writeFolder(folder, { 'a/1.jpg': image, 'b/1.jpg': image, 'b/\ufffd.jpg': image });
    execFileSync('bash', ['-c', `cp -r a/1.jpg $'${name}'`], { cwd: folder });
    return folder;
  }

  it('are left out and counted for files', async () => {
    const dataset = await openDataset(await withBytes('a/caf\\xe9.jpg'), { cacheFolder: 'unused' });
    expect(ids(dataset)).toEqual(['a/1.jpg', 'b/1.jpg', 'b/\ufffd.jpg']);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: files whose names are not UTF-8 (1, the first a/caf\ufffd.jpg).',
    ]);
  });

  it('are reported for folders', async () => {
    const folder = await withBytes('x.jpg');
    execFileSync('bash', ['-c', `mv a $'caf\\xe9'`], { cwd: folder });
    await expect(openDataset(folder, { cacheFolder: 'unused' })).rejects.toThrow(
      'has a name that is not UTF-8; rename it.',
    );
  });
});

describe('metadata files', () => {
  const write = async (
    files: Record<string, string>,
    images: readonly string[],
  ): Promise<string> => {
    const folder = join(await temporaryFolder(), 'photos');
    await writeFolder(folder, Object.fromEntries(images.map((path) => [path, image])));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  };
  const openWith = async (
    files: Record<string, string>,
    images: readonly string[],
    options: Partial<OpenDatasetOptions> = {},
  ): Promise<ImageDataset> =>
    openDataset(await write(files, images), { cacheFolder: 'unused', ...options });

  it('are ignored if class folders define the classes', async () => {
    const dataset = await openWith({ 'metadata.csv': 'file_name,label\na/1.jpg,x\nb/1.jpg,y\n' }, [
      'a/1.jpg',
      'b/1.jpg',
    ]);
    expect([dataset.format, dataset.classNames]).toEqual(['class-folders', ['a', 'b']]);
  });

  it('of Parquet are ignored beside class folders, and refused if damaged or in an archive', async () => {
    const bad = { 'metadata.parquet': 'PAR1' };
    expect((await openWith(bad, ['a/1.jpg', 'b/1.jpg'])).format).toBe('class-folders');
    await expect(openWith(bad, ['1.jpg'])).rejects.toMatchObject({ code: 'damaged-archive' });
    const folder = await write(bad, ['1.jpg']);
    execFileSync('tar', ['cf', `${folder}.tar`, '-C', folder, '.']);
    await expect(openDataset(`${folder}.tar`, { cacheFolder: 'unused' })).rejects.toThrow(
      /^metadata\.parquet of .* is a Parquet file in an archive, which cannot be read;/,
    );
  });

  it('provide labels and parts, and count images that they do not list and classes without an image', async () => {
    const csv = 'file_name,label,split\n1.jpg,x,\n2.jpg,y,val\n3.jpg,-1,\n';
    const dataset = await openWith({ 'metadata.csv': csv }, ['1.jpg', '2.jpg', '3.jpg', '4.jpg']);
    expect(dataset.examples.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['1.jpg', 0, undefined],
      ['2.jpg', 1, 'validation'],
    ]);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: images without a label (1, the first 3.jpg), images that no metadata file names (1, the first 4.jpg).',
    ]);
    const roboflow = await openWith(
      {
        'train/_classes.csv': 'filename, ash, oak, elm\n1.jpg, 0, 1, 0\n',
        'valid/_classes.csv': 'filename, ash, oak, elm\n1.jpg, 1, 0, 0\n',
      },
      ['train/1.jpg', 'valid/1.jpg'],
    );
    expect(roboflow.classNames).toEqual(['ash', 'oak']);
    expect(roboflow.leftOut).toEqual([
      {
        what: 'classes of _classes.csv without an image of their own',
        count: 1,
        first: 'elm',
        matters: true,
      },
    ]);
    expect(
      roboflow.examples.map(({ id, label, split }) => [id, roboflow.classNames[label], split]),
    ).toEqual([
      ['train/1.jpg', 'oak', 'train'],
      ['valid/1.jpg', 'ash', 'validation'],
    ]);
  });

  it.each([
    [
      { 'metadata.csv': 'file_name,label\n9.jpg,x\n' },
      /Line 2 of metadata\.csv of .* names "9\.jpg", which does not exist next to it/,
    ],
    [
      { 'metadata.csv': 'file_name,label\n../1.jpg,x\n' },
      /names "\.\.\/1\.jpg", which does not exist next to it/,
    ],
    [
      { 'metadata.csv': 'file_name,label\n1.jpg,x\n1.jpg,y\n' },
      /Line 3 of .* names "1\.jpg" again, as line 2; every image/,
    ],
    [
      { 'metadata.jsonl': '{"file_name": "1.jpg"}\n' },
      /name no images of one class\. Left out: images without a label \(1, the first 1\.jpg\), images that no/,
    ],
    [
      { '_classes.csv': 'filename, a, b\n1.jpg, 1\n' },
      /Line 2 of _classes\.csv of .* has 2 fields; the first line has 3/,
    ],
    [
      { '_classes.csv': 'filename, a, b\n1.jpg, 0.5, 0\n' },
      /Line 2 of _classes\.csv of .* has "0\.5"; a class is marked by 1/,
    ],
    [
      { '_classes.csv': 'filename, a, b\n1.jpg, 1, 1\n' },
      /name no images of one class\. Left out: images of several classes \(1, the first 1\.jpg\)/,
    ],
    [{ '_classes.csv': '' }, /name no images of one class/],
  ])('are rejected with a reason: %j', async (files, message) => {
    await expect(openWith(files as Record<string, string>, ['1.jpg', '2.jpg'])).rejects.toThrow(
      message,
    );
  });
});
