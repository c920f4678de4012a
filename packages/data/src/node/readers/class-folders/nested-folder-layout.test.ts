import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../../test/make-images.ts';
import { tarBytes } from '../../../../test/tar-writer.ts';
import type { ImageDataset } from '../../dataset/dataset.ts';
import { openDataset } from '../open-dataset.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

async function open(paths: readonly string[], ...folders: string[]): Promise<ImageDataset> {
  const folder = join(await temporaryFolder(), 'photos');
  await writeFolder(folder, Object.fromEntries(paths.map((path) => [path, image])));
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  return openDataset(folder, { cacheFolder: 'unused', nestedClasses: true });
}

const read = ({ examples, classNames }: ImageDataset): (string | undefined)[][] =>
  examples.map(({ id, label, split }) => [id, classNames[label], ...(split ? [split] : [])]);

describe('nested class folders', () => {
  it('are classes with the path as their name, beside and in other classes', async () => {
    const dataset = await open(['fruit/1.jpg', 'fruit/apple/2.jpg', 'nut/3.jpg', '4.jpg']);
    expect(dataset).toMatchObject({
      format: 'class-folders',
      classNames: ['fruit', 'fruit/apple', 'nut'],
      leftOut: [{ what: 'images in no class folder', count: 1, first: '4.jpg' }],
    });
    expect(read(dataset)).toEqual([
      ['fruit/1.jpg', 'fruit'],
      ['fruit/apple/2.jpg', 'fruit/apple'],
      ['nut/3.jpg', 'nut'],
    ]);
  });

  it('begin below the folder that contains all of them', async () => {
    const files = ['data/set/fruit/apple/1.jpg', 'data/set/fruit/pear/2.jpg', 'data/set/nut/3.jpg'];
    const expected = [
      ['fruit/apple/1.jpg', 'fruit/apple'],
      ['fruit/pear/2.jpg', 'fruit/pear'],
      ['nut/3.jpg', 'nut'],
    ];
    expect(read(await open(files))).toEqual(expected);
    const archive = join(await temporaryFolder(), 'set.tar');
    await writeFile(archive, tarBytes(files.map((path) => ({ path, bytes: image }))));
    expect(
      read(await openDataset(archive, { cacheFolder: 'unused', nestedClasses: true })),
    ).toEqual(expected);
  });

  it('can be in folders of parts', async () => {
    const dataset = await open([
      'train/fruit/apple/1.jpg',
      'train/nut/2.jpg',
      'val/fruit/apple/1.jpg',
      'val/3.jpg',
    ]);
    expect(read(dataset)).toEqual([
      ['train/fruit/apple/1.jpg', 'fruit/apple', 'train'],
      ['train/nut/2.jpg', 'nut', 'train'],
      ['val/fruit/apple/1.jpg', 'fruit/apple', 'validation'],
    ]);
    expect(dataset.leftOut).toMatchObject([
      { what: 'images in no class folder', first: 'val/3.jpg' },
    ]);
    // "train" is a class here: the other folder is no part.
    expect((await open(['train/1.jpg', 'bus/2.jpg'])).classNames).toEqual(['bus', 'train']);
  });

  it('without an image at any depth are refused', async () => {
    const files = ['fruit/apple/1.jpg', 'nut/2.jpg'];
    expect((await open(files, 'fruit')).classNames).toHaveLength(2);
    await expect(open(files, 'fruit/kiwi/green')).rejects.toMatchObject({
      code: 'empty-class',
      message: expect.stringMatching(
        /^Class folder "fruit\/kiwi" of .* contains no images/,
      ) as string,
    });
    await expect(open(['1.jpg'])).rejects.toThrow(/photos has no folders with images\. Expected/);
  });

  it('are offered when the classes are at several depths', async () => {
    const folder = join(await temporaryFolder(), 'photos');
    await writeFolder(folder, {
      'fruit/apple/1.jpg': image,
      'fruit/pear/2.jpg': image,
      'nut/3.jpg': image,
    });
    await expect(openDataset(folder, { cacheFolder: 'unused' })).rejects.toThrow(
      /has no class folders.* or class folders in class folders \(option "nestedClasses"\)\.$/,
    );
  });
});
