import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { classPictures, picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import { tarBytes } from '../../../test/tar-writer.ts';
import type { ImageDataset } from '../dataset/dataset.ts';
import { readBytes } from '../files/byte-source.ts';
import { openDataset, type OpenDatasetOptions } from './open-dataset.ts';
import { expandShardPattern } from './shard-pattern.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

async function open(
  path: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> {
  return openDataset(path, { cacheFolder: 'unused', ...options });
}

function shard(files: Record<string, string | Buffer>): Buffer {
  return tarBytes(
    Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) })),
  );
}

async function folderOf(shards: Record<string, Buffer>): Promise<string> {
  const folder = join(await temporaryFolder(), 'flowers');
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(shards)) await writeFile(join(folder, name), bytes);
  return folder;
}

const labels = ({ classNames, examples }: ImageDataset): Record<string, string> =>
  Object.fromEntries(examples.map(({ id, label }) => [id, classNames[label]!]));

describe('webdataset shards', () => {
  it('return each sample as a byte range, labelled by .cls or .json', async () => {
    const other = await picture(9, 9);
    const file = join(
      await folderOf({
        'a.tar': shard({
          '000.jpg': image,
          '000.cls': 'daisy\n',
          '000.txt': 'a caption',
          '001.json': '{"label": "tulips", "cls": 9}',
          '001.PNG': other,
          'deep/000.webp': image,
          'deep/000.json': '{"cls": "daisy"}',
          'deep/000.seg.png': 'a mask',
          '002.cls': 'no image',
        }),
      }),
      'a.tar',
    );
    const dataset = await open(file);
    expect(dataset).toMatchObject({
      name: 'a',
      format: 'webdataset',
      classNames: ['daisy', 'tulips'],
    });
    expect(labels(dataset)).toEqual({ 'a/000': 'daisy', 'a/001': 'tulips', 'a/deep/000': 'daisy' });
    expect(await readBytes(dataset.examples.find(({ id }) => id === 'a/001')!.source)).toEqual(
      other,
    );
    expect(dataset.examples[0]).not.toHaveProperty('split');
  });

  it('are combined from a folder or a pattern, also compressed, with the splits in their names', async () => {
    const folder = await folderOf({
      'flowers-train-000.tar': shard({
        '0.jpg': image,
        '0.cls': '10',
        '1.jpg': image,
        '1.cls': '2',
      }),
      'flowers-train-001.tar.gz': gzipSync(shard({ '0.jpg': image, '0.cls': '2' })),
      'flowers-val-000.tar': shard({ '0.jpg': image, '0.cls': '10' }),
      'README.md': Buffer.from('not a shard'),
    });
    const cacheFolder = join(folder, '../cache');
    const dataset = await open(folder, { cacheFolder });
    expect([dataset.name, dataset.classNames]).toEqual(['flowers', ['2', '10']]);
    expect(labels(dataset)).toMatchObject({
      'flowers-train-000/0': '10',
      'flowers-train-001/0': '2',
      'flowers-val-000/0': '10',
    });
    expect(dataset.examples.map(({ split }) => split)).toEqual([
      'train',
      'train',
      'train',
      'validation',
    ]);
    const braces = await open(join(folder, 'flowers-{train-000,val-000}.tar'));
    expect([braces.name, braces.examples.length]).toEqual(['flowers', 3]);
    expect((await open(join(folder, '*-train-00?.tar*'), { cacheFolder })).examples).toHaveLength(
      3,
    );
    const names = Array.from({ length: 11 }, (_, i) => `class ${i}`);
    expect(labels(await open(folder, { cacheFolder, classNames: names }))).toMatchObject({
      'flowers-train-000/0': 'class 10',
    });
  });

  it('report what is wrong with a sample', async () => {
    const good = { 'x.jpg': image, 'x.cls': '1' };
    const broken: [Record<string, string | Buffer>, RegExp][] = [
      [{ 'y.jpg': image, 'y.cls': ' ' }, /The .cls of image a\/y of .* is empty/],
      [{ 'y.jpg': image, 'y.json': '[1]' }, /The .json of image a\/y/],
      [
        { 'y.jpg': image, 'y.json': '{"label": 1.5}' },
        /Image a\/y of .* has the label 1\.5; a label/,
      ],
      [{ 'y.jpg': image, 'y.cls': '-2' }, /Image a\/y of .* has the label -2; a label/],
      [{ 'y.jpg': image, 'y.jpeg': image, 'y.cls': '1' }, /two images of the sample "y"/],
      [{ 'y.jpg': image, 'y.cls': 'x'.repeat(2 ** 20 + 1) }, /at most 1048576/],
    ];
    const twice = tarBytes(
      [['y.jpg', image] as const, ...['1', '2'].map((cls) => ['y.cls', cls] as const)].map(
        ([path, content]) => ({ path, bytes: Buffer.from(content) }),
      ),
    );
    await expect(open(await folderOf({ 'a.tar': twice }))).rejects.toThrow(
      /contains two \.cls of the sample "y"\./,
    );
    for (const [files, message] of broken) {
      const folder = await folderOf({ 'a.tar': shard({ ...good, ...files }) });
      await expect(open(folder), String(message)).rejects.toThrow(message);
    }
    await expect(open(await folderOf({ 'a.tar': shard({ 'x.cls': '1' }) }))).rejects.toThrow(
      /contains no sample with an image; .* Its samples have the members \.cls\./,
    );
    await expect(
      open(await folderOf({ 'a.tar': shard({ 'x.heic': 'h', 'x.cls': '1' }) })),
    ).rejects.toThrow(/contains no sample with an image; .* members \.cls, \.heic\./);
    await expect(
      open(await folderOf({ 'a.tar': shard({ 'x.jpg': image, 'x.class': '1' }) })),
    ).rejects.toThrow(
      /contains images \(first: a\/x\), but no labels; expected .* Its samples have the members \.class, \.jpg\./,
    );
    await expect(
      open(await folderOf({ 'a.tar': shard({ ...good, 'x.jpg ': image }) })),
    ).rejects.toMatchObject({ code: 'one-class' });
  });

  it('count samples whose image has a format that is not read', async () => {
    const others = { 'c.heic': 'h', 'c.cls': '1', 'd.cls': '2', 'd.seg.png': image };
    const { examples, leftOut } = await open(
      await folderOf({
        'a.tar': shard({ 'x.jpg': image, 'x.cls': '1', 'y.jpg': image, 'y.cls': '2', ...others }),
      }),
    );
    expect(examples.map(({ id }) => id)).toEqual(['a/x', 'a/y']);
    expect(leftOut).toEqual([
      { what: 'samples with the image in .heic', count: 1, first: 'a/c', matters: true },
      { what: 'samples with the image in .seg.png', count: 1, first: 'a/d', matters: true },
    ]);
  });

  it('leave out images without a label and count them', async () => {
    const samples = {
      'x.jpg': image,
      'x.cls': '1',
      'y.jpg': image,
      'y.json': '{"cls": 2}',
      '0.jpg': image,
      '1.jpg': image,
      '1.cls': '-1',
      '2.png': image,
      '2.json': '{"label": null}',
    };
    const { examples, leftOut } = await open(
      join(await folderOf({ 'a.tar': shard(samples) }), 'a.tar'),
    );
    expect(examples.map(({ id }) => id)).toEqual(['a/x', 'a/y']);
    expect(leftOut).toEqual([
      { what: 'images without a label', count: 3, first: 'a/0', matters: true },
    ]);
  });

  it('read the label from the given key', async () => {
    const samples = {
      '0.jpg': image,
      '0.cls': '0',
      '0.json': '{"label": 0, "species": "ash"}',
      '1.jpg': image,
      '1.cls': '0',
      '1.json': '{"label": 0, "species": "oak"}',
    };
    const file = join(await folderOf({ 'a.tar': shard(samples) }), 'a.tar');
    expect(labels(await open(file, { labelKey: 'species' }))).toEqual({
      'a/0': 'ash',
      'a/1': 'oak',
    });
    await expect(open(file, { labelKey: 'kind' })).rejects.toThrow(
      'contains no images with a label',
    );
  });

  it('keep the parts that only some of the shards name', async () => {
    const sample = (cls: string): Buffer => shard({ '0.jpg': image, '0.cls': cls });
    const { examples } = await open(
      await folderOf({ 'a-train-0.tar': sample('1'), 'a-other-0.tar': sample('2') }),
    );
    expect(examples.map(({ id, split }) => [id, split])).toEqual([
      ['a-other-0/0', undefined],
      ['a-train-0/0', 'train'],
    ]);
  });

  it('count as class folders if images are in such folders and have only JSON beside them, in a tar as in a folder', async () => {
    const files = Object.fromEntries(
      ['ash', 'oak'].flatMap(
        (name, i) =>
          [
            [`${name}/${i}.jpg`, image],
            [`${name}/${i}.json`, Buffer.from('{"label": 7}')],
          ] as const,
      ),
    );
    const folder = await folderOf({ 'a.tar': shard(files) });
    const inTar = await open(join(folder, 'a.tar'));
    const plain = await open(await writeFolder(join(await temporaryFolder(), 'a'), files));
    for (const { format, classNames, examples, leftOut } of [inTar, plain]) {
      expect([format, classNames, examples.map(({ id }) => id)]).toEqual([
        'class-folders',
        ['ash', 'oak'],
        ['ash/0.jpg', 'oak/1.jpg'],
      ]);
      expect(leftOut).toEqual([
        { what: '.json files', count: 2, first: 'ash/0.json', matters: false },
      ]);
    }
  });

  it('are not recognised without labels beside the images', async () => {
    const folder = await folderOf({ 'a.tar': shard(await classPictures(['daisy', 'tulips'], 2)) });
    expect((await open(join(folder, 'a.tar'))).format).toBe('class-folders');
  });

  it('must all exist and be shards', async () => {
    const folder = await folderOf({
      'a0.tar': shard({ 'x.jpg': image, 'x.cls': '1' }),
      'a2.zip': Buffer.alloc(9),
    });
    await expect(open(join(folder, 'a{0..1}.tar'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('a1.tar') as string,
    });
    await expect(open(join(folder, 'b*.tar'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(open(join(folder, 'gone/b*.tar'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(open(join(folder, 'a?.*'))).rejects.toMatchObject({ code: 'unsupported-format' });
    await expect(open(join(folder, '*/a.tar'))).rejects.toMatchObject({ code: 'bad-option' });
  });
});

describe('expandShardPattern', () => {
  it('expands braces and keeps leading zeros', async () => {
    expect(await expandShardPattern('/x/{a,b}-{08..10}.tar')).toEqual(
      ['a-08', 'a-09', 'a-10', 'b-08', 'b-09', 'b-10'].map((name) => `/x/${name}.tar`),
    );
    expect(await expandShardPattern('/x/{a,b{1,2}}')).toEqual(['/x/a', '/x/b1', '/x/b2']);
    expect(await expandShardPattern('/x/{a..c}{,}')).toEqual(['/x/a', '/x/b', '/x/c']);
    expect(await expandShardPattern('C:\\x\\{0,1}')).toEqual(['C:\\x\\0', 'C:\\x\\1']);
  });

  it('matches stars and question marks like a shell', async () => {
    const folder = await writeFolder(
      await temporaryFolder(),
      Object.fromEntries(
        ['aab', 'ab', 'abab', 'axxb', 'b', 'ba', 'c++(1)[0]$', '.ab'].map((name) => [name, image]),
      ),
    );
    const names = async (pattern: string): Promise<string[]> =>
      (await expandShardPattern(join(folder, pattern))).map((file) =>
        file.slice(folder.length + 1),
      );
    expect(await names('a*b')).toEqual(['aab', 'ab', 'abab', 'axxb']);
    expect(await names('a*a*b')).toEqual(['aab', 'abab']);
    expect(await names('a??b')).toEqual(['abab', 'axxb']);
    expect(await names('*b*b')).toEqual(['abab']);
    expect(await names('?')).toEqual(['b']);
    expect(await names('*++(1)[0]$')).toEqual(['c++(1)[0]$']);
    expect(await names('**a?*')).toEqual(['aab', 'ab', 'abab', 'axxb']);
  });

  it('matches any number of stars at once', async () => {
    const long = 'a'.repeat(200);
    const folder = await writeFolder(await temporaryFolder(), { [long]: image });
    const stars = join(folder, '*a'.repeat(40));
    expect(await expandShardPattern(stars)).toEqual([join(folder, long)]);
    await expect(expandShardPattern(`${stars}*b`)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('rejects patterns that stand for too many files', async () => {
    const many = '{0..99999}';
    await expect(expandShardPattern(`/x/{1..9999999}`)).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(expandShardPattern(`/x/${many}${many}${many}`)).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(expandShardPattern('/x/{9..1}')).rejects.toThrow('counts down');
  });
});
