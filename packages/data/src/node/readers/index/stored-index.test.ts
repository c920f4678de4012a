import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/make-images.ts';
import { tarBytes } from '../../../../test/tar-writer.ts';
import { tfExampleBytes, tfRecordBytes } from '../../../../test/tf-record-writer.ts';
import type { ImageDataset } from '../../dataset/dataset.ts';
import { readBytes } from '../../files/byte-source.ts';
import { openDataset } from '../open-dataset.ts';
import { defaultReaderLimits } from '../reader-limits.ts';
import { bytesToColumns, columnsToBytes, isText } from './columns.ts';
import { writeTarIndex } from './indexed-tar.ts';
import { INDEX_ENDING } from './stored-index.ts';

/** More rows than are read faster than an index. */
const MANY = 1200;

function samples(count: number, label: (i: number) => string): Buffer {
  return tarBytes(
    Array.from({ length: count }, (_, i) => [
      { path: `${i}.jpg`, bytes: Buffer.from(`image ${i}`) },
      { path: `${i}.cls`, bytes: Buffer.from(label(i)) },
    ]).flat(),
  );
}

/** Replaces a text in the only index of a cache: what is then read from it shows that it is used. */
async function changeKept(
  cacheFolder: string,
  from: string,
  to: string | undefined,
): Promise<void> {
  const folder = join(cacheFolder, 'shard-indexes');
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  await changeIndex(join(folder, names[0]!), from, to);
}

async function changeIndex(file: string, from: string, to: string | undefined): Promise<void> {
  const { head, columns } = bytesToColumns(gunzipSync(await readFile(file)))!;
  expect(Object.values(columns).some((column) => isText(column) && column.includes(from))).toBe(
    true,
  );
  const changed = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      isText(column) ? column.map((text) => (text === from ? to : text)) : column,
    ]),
  );
  await writeFile(file, gzipSync(columnsToBytes(head, changed)));
}

it('is kept of a large shard, and used until the shard changes', async () => {
  const folder = await temporaryFolder();
  const cacheFolder = await temporaryFolder();
  const file = join(folder, 'p.tar');
  await writeFile(
    file,
    samples(MANY, (i) => (i % 2 === 0 ? 'daisy' : 'rose')),
  );
  const open = async (): Promise<ImageDataset> => openDataset(file, { cacheFolder });
  const first = await open();
  expect(await open()).toEqual(first);
  expect((await readBytes(first.examples[7]!.source)).toString()).toBe('image 7');

  await changeKept(cacheFolder, 'rose', 'tulip');
  expect((await open()).classNames).toEqual(['daisy', 'tulip']);
  // As after a copy: the time of the file is another.
  await utimes(file, 1, 1);
  expect(await open()).toEqual(first);

  await changeKept(cacheFolder, '0.jpg', '../0.jpg');
  await expect(open()).rejects.toMatchObject({ code: 'unsafe-entry' });
  await changeKept(cacheFolder, '../0.jpg', undefined);
  expect(await open()).toEqual(first);
});

it('of a small shard is not kept', async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'p.tar'),
    samples(3, (i) => `class ${i}`),
  );
  await openDataset(join(folder, 'p.tar'), { cacheFolder: join(folder, 'cache') });
  expect(await readdir(folder)).toEqual(['p.tar']);
});

it('beside a shard is used if it is not older, and both ends of the shard are as it states', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'p.tar');
  const options = { cacheFolder: join(folder, 'cache') };
  const written = samples(200, (i) => `class ${i % 2}`);
  await writeFile(file, written);
  await writeTarIndex(file, { limits: defaultReaderLimits });
  const open = async (): Promise<string[]> => (await openDataset(file, options)).classNames;
  expect(await open()).toEqual(['class 0', 'class 1']);
  await changeIndex(`${file}${INDEX_ENDING}`, 'class 1', 'class 7');
  expect(await open()).toEqual(['class 0', 'class 7']);

  // A pattern does not take it for a shard.
  const pattern = await openDataset(join(folder, 'p*'), options);
  expect(pattern.classNames).toEqual(['class 0', 'class 7']);

  // Only in the middle is the shard another one.
  const changed = samples(200, (i) => `class ${i === 100 ? 1 : i % 2}`);
  expect(changed.length).toBe(written.length);
  await writeFile(file, changed);
  const { mtimeMs } = await stat(file);
  await utimes(`${file}${INDEX_ENDING}`, mtimeMs / 1000 - 5, mtimeMs / 1000 - 5);
  const { examples, classNames } = await openDataset(file, options);
  expect(classNames).toEqual(['class 0', 'class 1']);
  expect(examples.filter(({ label }) => label === 1)).toHaveLength(101);

  await writeFile(
    file,
    samples(200, (i) => `class ${2 + (i % 2)}`),
  );
  await utimes(file, mtimeMs / 1000 - 5, mtimeMs / 1000 - 5);
  expect(await open()).toEqual(['class 2', 'class 3']);
  await writeFile(file, written);
  for (const broken of [
    '',
    'no index',
    gzipSync('{'),
    gzipSync('{"format":"fixres shard index 1","bytes":1,"rows":[]}'),
    gzipSync('{"format":"fixres shard index 2","columns":[]}\n'),
  ]) {
    await writeFile(`${file}${INDEX_ENDING}`, broken);
    expect(await open()).toEqual(['class 0', 'class 1']);
  }
});

it('of TFRecord files has all features, whatever their values', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'p.tfrecord');
  // A name of more bytes than an index contains is read from the file.
  const records = Array.from({ length: MANY }, (_, i) =>
    tfExampleBytes({
      image: Buffer.from([0xff, i & 0xff]),
      label: Float32Array.of(i % 3 === 2 ? NaN : i % 3),
      kind: `kind ${i % 2}`,
      ['__proto__']: [1, 2],
      file_name: `${'ü'.repeat(i === 5 ? 3000 : 1)}${i}.jpg`,
    }),
  );
  await writeFile(file, tfRecordBytes(records));
  const open = async (labelKey?: string): Promise<ImageDataset> =>
    openDataset(file, { cacheFolder: folder, labelKey });
  const first = await open();
  expect(first.examples).toHaveLength((MANY * 2) / 3);
  expect(await open()).toEqual(first);
  const [sixth] = (await open('kind')).examples.slice(5);
  expect(sixth!.id).toBe(`kind 1/${'ü'.repeat(3000)}5.jpg`);
  expect([...(await readBytes(sixth!.source))]).toEqual([0xff, 5]);
  await changeKept(folder, 'kind 1', 'kind 9');
  expect((await open('kind')).classNames).toEqual(['kind 0', 'kind 9']);
});
