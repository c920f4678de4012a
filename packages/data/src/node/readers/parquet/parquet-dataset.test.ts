import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/make-images.ts';
import { FixresDataError } from '../../../errors.ts';
import { datasetWarnings, type ImageDataset } from '../../dataset/dataset.ts';
import { readBytes } from '../../files/byte-source.ts';
import { openDataset, type OpenDatasetOptions } from '../open-dataset.ts';

/** Written by the Hugging Face library and pyarrow in `scripts/make-parquet-fixtures.py`. */
const fixtures = fileURLToPath(new URL('../../../fixtures/parquet', import.meta.url));
const trees = ['cedar', 'ash', 'beech'];

/** What the library reads: part, class and SHA-256 of the image of each row. */
const truth = JSON.parse(readFileSync(join(fixtures, 'truth.json'), 'utf8')) as Record<
  string,
  [part: string, label: string | null, sha256: string | null][]
>;

async function open(
  name: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> {
  return openDataset(join(fixtures, name), { cacheFolder: await temporaryFolder(), ...options });
}

/** The rows as the truth has them; without parts, all are `train`. */
async function rowsOf({ examples, classNames }: ImageDataset): Promise<string[][]> {
  return Promise.all(
    examples.map(async ({ label, source, split = 'train' }) => [
      split,
      classNames[label]!,
      createHash('sha256')
        .update(await readBytes(source))
        .digest('hex'),
    ]),
  );
}

const complete = (name: string): string[][] =>
  truth[name]!.filter((row): row is [string, string, string] => !row.includes(null));

describe('Parquet files', () => {
  it('are read as the Hugging Face library reads a repository of the hub', async () => {
    const cacheFolder = await temporaryFolder();
    const onProgress = vi.fn();
    const dataset = await open('hub', { cacheFolder, onProgress });
    expect(onProgress).toHaveBeenLastCalledWith(truth.hub!.length);
    expect(dataset).toMatchObject({ name: 'hub', format: 'parquet', classNames: trees });
    expect((await rowsOf(dataset)).sort()).toEqual(complete('hub').sort());
    expect(dataset.examples[0]).toMatchObject({ id: 'cedar/tree-12.png', split: 'test' });
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of hub: images without a label (1, the first data/test-00000-of-00001.parquet#6), ' +
        'rows without an image (1, the first data/train-00001-of-00002.parquet#5).',
    ]);
    // The images are read in place; only their places are in the cache.
    expect(dataset.examples.every(({ source }) => source.file.endsWith('.parquet'))).toBe(true);
    expect(await readdir(join(cacheFolder, 'parquet'))).toHaveLength(3);
    onProgress.mockClear();
    expect(await open('hub', { cacheFolder, onProgress })).toEqual(dataset);
    expect(onProgress).not.toHaveBeenCalled();
  });

  it.each(Object.keys(truth).filter((name) => /-[12]$/.test(name)))(
    'are read whatever their compression and version of pages: %s',
    async (name) => {
      const cacheFolder = await temporaryFolder();
      const dataset = await open(`${name}.parquet`, { cacheFolder });
      expect(await rowsOf(dataset)).toEqual(complete(name));
      expect(dataset).toMatchObject({ name, classNames: [...trees].sort() });
      expect(dataset.examples[10]).toBeUndefined();
      expect(dataset.examples.map(({ id }) => id).slice(-2)).toEqual([
        `${name}.parquet#8`,
        `${name}.parquet#9`,
      ]);
      expect(dataset.leftOut?.map(({ what, count }) => [what, count])).toEqual([
        ['rows without an image', 1],
        ['images without a label', 1],
      ]);
      const isInPlace = dataset.examples.every(({ source }) => source.file.startsWith(fixtures));
      expect(isInPlace).toBe(name.startsWith('none'));
      // The second time, nothing is copied.
      const cached = readdirSync(join(cacheFolder, 'parquet'));
      expect(cached).toHaveLength(isInPlace ? 1 : 2);
      expect(await open(`${name}.parquet`, { cacheFolder })).toEqual(dataset);
      expect(readdirSync(join(cacheFolder, 'parquet'))).toEqual(cached);
    },
  );

  it('are read page by page, and with required columns of other names', async () => {
    const dataset = await open('pages.parquet', { classNames: trees });
    expect(await rowsOf(dataset)).toEqual(
      complete('pages').map(([part, label, sha]) => [part, trees[Number(label)], sha]),
    );
    expect((await open('pages.parquet')).classNames).toEqual(['0', '1', '2']);
  });

  it('that list images beside them are read as metadata.csv is', async () => {
    const dataset = await open('metadata');
    expect(dataset).toMatchObject({ format: 'metadata', classNames: [...trees].sort() });
    expect((await rowsOf(dataset)).sort()).toEqual(complete('metadata').sort());
    await expect(open('metadata', { labelKey: 'kind' })).rejects.toThrow(
      /metadata\.parquet of .* has the column label in addition to the path, and none called "kind"/,
    );
  });

  it('copy the images again if the copy is incomplete or the file has changed', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'trees.parquet');
    const cacheFolder = join(folder, 'cache');
    copyFileSync(join(fixtures, 'snappy-1.parquet'), file);
    const openCopy = (): Promise<ImageDataset> => openDataset(file, { cacheFolder });
    const before = await rowsOf(await openCopy());
    const images = (await readdir(join(cacheFolder, 'parquet'))).find((name) =>
      name.endsWith('.images'),
    )!;
    await truncate(join(cacheFolder, 'parquet', images), 100);
    expect(await rowsOf(await openCopy())).toEqual(before);
    copyFileSync(join(fixtures, 'pages.parquet'), file);
    expect(await rowsOf(await openCopy())).toEqual(complete('pages'));
  });

  it('with several labels ask which one is the class', async () => {
    await expect(open('two-labels.parquet')).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(
        /has several columns that could be the class: coarse_label, fine_label; select the one/,
      ) as string,
    });
    const dataset = await open('two-labels.parquet', { labelKey: 'fine_label' });
    expect(await rowsOf(dataset)).toEqual(complete('two-labels'));
    expect((await open('two-labels.parquet', { labelKey: 'coarse_label' })).classNames).toEqual([
      'broadleaf',
      'conifer',
    ]);
  });

  it.each([
    ...['uint8', 'uint64', 'decimal', 'decimal_scaled', 'decimal_wide'].map((key) => [
      key,
      ['0', '1', '2'],
      [0, 1, 2, 0],
    ]),
    ['uint32', ['4294967293', '4294967294', '4294967295'], [0, 1, 2, 0]],
    ['double', ['0', '1', '2'], [0, 1, 2]],
    ['bool', ['false', 'true'], [0, 1, 1, 0]],
    ['dictionary', ['ash', 'beech', 'cedar'], [2, 0, 1, 2]],
    ['large_string', ['ash', 'beech', 'cedar'], [2, 0, 1, 2]],
  ] as [string, string[], number[]][])(
    'have labels of the type %s',
    async (labelKey, classNames, labels) => {
      const dataset = await open('label-types.parquet', { labelKey });
      expect([dataset.classNames, dataset.examples.map(({ label }) => label)]).toEqual([
        classNames,
        labels,
      ]);
    },
  );

  it.each([
    ['negative', /^Row 2 of .* has the label -2; a label is text or a whole number from 0/],
    ['half', /^Row 1 of .* has the label 0\.5; a label is/],
    ['latin1', /^The column "latin1" of .* has text that is not UTF-8\.$/],
    ['date', /^The column "date" of .* has the type DATE; expected text or whole numbers\.$/],
    ['timestamp', /has the type TIMESTAMP;/],
    ['fixed', /has the type FIXED_LEN_BYTE_ARRAY;/],
  ])('are refused if the labels are of the type %s', async (labelKey, message) => {
    await expect(open('label-types.parquet', { labelKey })).rejects.toThrow(message);
  });

  it.each([
    ['two-columns.parquet', {}, /The column "label" of .* exists twice; a label is/],
    [
      'paths-only.parquet',
      {},
      /contain no images with a label\. Left out: rows with the path of an image, but not its bytes \(4, the first paths-only\.parquet#0\)\. The images are in other files, which can be read as class folders or a list\.$/,
    ],
    ['no-images.parquet', {}, /has the columns text, label, and none with images; expected/],
    ['lists.parquet', {}, /The column "label" of .* has lists or structs; a label is text/],
    ['pages.parquet', { labelKey: 'kind' }, /the columns jpg, class, and none called "kind"/],
    ['pages.parquet', { labelKey: 'jpg' }, /The column "jpg" of .* has the images; a label is/],
    ['hub', { limits: { maxEntries: 9 } }, /contains more than 9 entries/],
  ])('are refused with a reason: %s %j', async (name, options, message) => {
    await expect(open(name, options)).rejects.toThrow(message);
    await expect(open(name, options)).rejects.toBeInstanceOf(FixresDataError);
  });

  it('of several data sets, and incomplete ones, are refused', async () => {
    const folder = await temporaryFolder();
    await cp(join(fixtures, 'hub'), join(folder, 'a'), { recursive: true });
    await cp(join(fixtures, 'hub'), join(folder, 'b'), { recursive: true });
    const openHere = (): Promise<ImageDataset> =>
      openDataset(folder, { cacheFolder: join(folder, 'cache') });
    await expect(openHere()).rejects.toThrow(
      /contains Parquet files in a\/data and b\/data; give one of these folders/,
    );
    await rm(join(folder, 'b'), { recursive: true });
    await rm(join(folder, 'a/data/train-00000-of-00002.parquet'));
    await expect(openHere()).rejects.toThrow(
      /Of .*train-\*-of-00002\.parquet, 1 of 2 files are missing\./,
    );
    // Parts in folders, as the hub converts data sets.
    await rm(join(folder, 'a'), { recursive: true });
    for (const part of ['train', 'test']) {
      await mkdir(join(folder, 'default', part), { recursive: true });
      copyFileSync(
        join(fixtures, 'snappy-1.parquet'),
        join(folder, 'default', part, '0000.parquet'),
      );
    }
    const { examples } = await openHere();
    expect(new Set(examples.map(({ id, split }) => `${split} ${id}`)).size).toBe(20);
    expect(examples[0]).toMatchObject({ id: 'default/test/0000.parquet#0', split: 'test' });
  });

  it('that are damaged end in an error of one line, never in a crash', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'damaged.parquet');
    const whole = readFileSync(join(fixtures, 'gzip-2.parquet'));
    const openBytes = async (bytes: Uint8Array): Promise<void> => {
      await writeFile(file, bytes);
      const cacheFolder = join(folder, 'cache');
      const dataset = await openDataset(file, { cacheFolder }).catch((error: unknown) => error);
      if (!(dataset instanceof Error)) return;
      expect(dataset).toBeInstanceOf(FixresDataError);
      expect(dataset.message.split('\n')).toHaveLength(1);
    };
    await expect(
      writeFile(file, '').then(() => openDataset(file, { cacheFolder: folder })),
    ).rejects.toThrow(/damaged\.parquet is a damaged Parquet file: it is empty\.$/);
    await expect(
      writeFile(file, 'PAR1').then(() => openDataset(file, { cacheFolder: folder })),
    ).rejects.toMatchObject({
      code: 'damaged-archive',
      message: expect.stringMatching(/damaged\.parquet is a damaged Parquet file: /) as string,
    });
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        await openBytes(bytes);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), (end) => openBytes(whole.subarray(0, end))),
      { numRuns: 20 },
    );
  });
});
