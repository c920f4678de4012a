import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import { tarBytes } from '../../../test/tar-writer.ts';
import { FixresDataError } from '../../errors.ts';
import { convertDataset } from '../convert/convert-dataset.ts';
import { takeClasses } from '../dataset/dataset-subset.ts';
import { datasetWarnings, type ImageDataset, labelText } from '../dataset/dataset.ts';
import { labelValues } from '../dataset/label-value.ts';
import { readBytes } from '../files/byte-source.ts';
import { kFolds, splitByHash, splitStratified } from '../split/split.ts';
import { openDataset, type OpenDatasetOptions } from './open-dataset.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

const photos = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];

/** Opens a list beside four photos; without a name, their folder. */
async function open(
  texts: Record<string, string>,
  options: Partial<OpenDatasetOptions> = {},
  name: string | undefined = Object.keys(texts)[0],
): Promise<ImageDataset> {
  const folder = await writeFolder(join(await temporaryFolder(), 'photos'), {
    ...Object.fromEntries(photos.map((path) => [path, image])),
    ...Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)])),
  });
  return openDataset(name === undefined ? folder : join(folder, name), {
    cacheFolder: 'unused',
    multiLabel: true,
    ...options,
  });
}

/** The labels of each image as text, by its id. */
const read = ({ examples, classNames }: ImageDataset): Record<string, string> =>
  Object.fromEntries(examples.map((example) => [example.id, labelText(example, classNames)]));

const expected = { 'a.jpg': 'cat, dog', 'b.jpg': 'dog', 'c.jpg': 'none' };

const coco = JSON.stringify({
  images: photos.map((name, id) => ({ id, file_name: name })),
  categories: [
    { id: 3, name: 'dog' },
    { id: 7, name: 'cat' },
  ],
  annotations: [
    { image_id: 0, category_id: 3 },
    { image_id: 0, category_id: 7 },
    { image_id: 0, category_id: 3 },
    { image_id: 1, category_id: 3 },
  ],
});

describe('multi-label data sets', () => {
  it.each([
    ['x.csv', 'path,labels\na.jpg,cat;dog\nb.jpg,dog\nc.jpg,[]\nd.jpg,\n', {}],
    ['x.csv', 'path,tags\na.jpg, dog | cat|dog \nb.jpg,dog\nc.jpg,[]\nd.jpg,nan\n', {}],
    ['x.csv', 'path,label\na.jpg,"[""dog"", ""cat""]"\nb.jpg,dog\nc.jpg,[]\n', {}],
    ['x.csv', 'path,label\na.jpg,"cat, dog"\nb.jpg,dog\nc.jpg,[]\n', { labelSeparator: ',' }],
    [
      'x.tsv',
      'path\tk\na.jpg\tcat dog\nb.jpg\tdog\nc.jpg\t[]\n',
      { labelKey: 'k', labelSeparator: ' ' },
    ],
    ['x.txt', 'a.jpg cat;dog\nb.jpg dog\nc.jpg []\n', {}],
    [
      'x.jsonl',
      '{"path":"a.jpg","labels":["dog","cat"]}\n{"path":"b.jpg","labels":["dog",null]}\n{"path":"c.jpg","labels":[]}\n{"path":"d.jpg"}\n',
      {},
    ],
    [
      'x.jsonl',
      '{"path":"a.jpg","labels":[1,0]}\n{"path":"b.jpg","labels":1}\n{"path":"c.jpg","labels":[]}\n',
      { classNames: ['cat', 'dog'] },
    ],
    [
      'labels.csv',
      'ImageID,Source,LabelName,Confidence\na,human,cat,1\na,human,dog,1\nb,human,cat,0\nb,human,dog,1\nc,human,cat,0\n',
      {},
    ],
  ])('are read from %s: %j', async (name, text, options) => {
    const dataset = await open({ [name]: text }, options);
    expect(dataset).toMatchObject({ multiLabel: true, classNames: ['cat', 'dog'] });
    expect(read(dataset)).toMatchObject(
      name === 'labels.csv'
        ? Object.fromEntries(dataset.examples.map(({ id }) => [id, expected[id as 'a.jpg']]))
        : expected,
    );
    expect(dataset.examples).toHaveLength(3);
    for (const { label, labels } of dataset.examples) {
      expect(labels).toEqual([...labels!].sort((a, b) => a - b));
      expect(label).toBe(labels![0] ?? -1);
    }
  });

  it('are read from COCO annotations, alone and in a folder, where an image without any has no class', async () => {
    const wanted = { ...expected, 'd.jpg': 'none' };
    expect(read(await open({ 'x.json': coco }))).toEqual(wanted);
    const folder = await open({ '_annotations.coco.json': coco }, {}, '.');
    expect(folder.format).toBe('metadata');
    expect(read(folder)).toEqual(wanted);
  });

  it('are read from metadata and one column per class in a folder of images', async () => {
    const jsonl =
      '{"file_name":"a.jpg","labels":["dog","cat"]}\n{"file_name":"b.jpg","labels":["dog"]}\n{"file_name":"c.jpg","labels":[]}\n';
    expect(read(await open({ 'metadata.jsonl': jsonl }, {}, '.'))).toEqual(expected);
    const oneHot = 'filename,cat,dog\na.jpg,1,1\nb.jpg,0,1\nc.jpg,0,0\n';
    expect(read(await open({ '_classes.csv': oneHot }, {}, '.'))).toEqual(expected);
  });

  it.each([
    [
      'lists of names in .json',
      {
        a: ['.json', '{"labels":["dog","cat"]}'],
        b: ['.json', '{"cls":"dog"}'],
        c: ['.json', '{"tags":[]}'],
      },
      {},
    ],
    [
      'numbers in .json, with names',
      {
        a: ['.json', '{"labels":[1,0]}'],
        b: ['.json', '{"label":1}'],
        c: ['.json', '{"labels":[]}'],
      },
      { classNames: ['cat', 'dog'] },
    ],
    [
      'numbers in .cls, with names',
      { a: ['.cls', '1;0'], b: ['.cls', '1'], c: ['.cls', '[]'] },
      { classNames: ['cat', 'dog'] },
    ],
    [
      'text in .cls with another separator',
      { a: ['.cls', 'dog, cat'], b: ['.cls', 'dog'], c: ['.cls', '[]'], d: ['.cls', ' '] },
      { labelSeparator: ',' },
    ],
    [
      'a key of .json, beside .cls',
      {
        a: ['.json', '{"kinds":["dog","cat"],"labels":["x"]}'],
        b: ['.json', '{"kinds":"dog"}'],
        c: ['.json', '{"kinds":[]}'],
        d: ['.cls', '7'],
      },
      { labelKey: 'kinds' },
    ],
  ] as const)('are read from webdataset: %s', async (_, samples, options) => {
    const entries = Object.entries(samples).flatMap(([key, [ending, text]]) => [
      { path: `${key}.jpg`, bytes: image },
      { path: `${key}${ending}`, bytes: Buffer.from(text) },
    ]);
    const file = join(await temporaryFolder(), 'pets.tar');
    await writeFile(file, tarBytes(entries));
    const dataset = await openDataset(file, {
      cacheFolder: 'unused',
      multiLabel: true,
      ...options,
    });
    expect(dataset).toMatchObject({
      format: 'webdataset',
      multiLabel: true,
      classNames: ['cat', 'dog'],
    });
    expect(read(dataset)).toEqual({ 'pets/a': 'cat, dog', 'pets/b': 'dog', 'pets/c': 'none' });
    expect(datasetWarnings(dataset)).toEqual(
      'd' in samples
        ? [expect.stringMatching(/images without a label \(1, the first pets\/d\)/)]
        : [],
    );
  });

  it('become webdataset shards with the same labels', async () => {
    const text =
      'path,labels,split\na.jpg,owl;cat,train\nb.jpg,dog,train\nc.jpg,[],val\nd.jpg,owl;dog,val\n';
    const dataset = await open({ 'x.csv': text }, { classNames: ['owl', 'dog', 'cat', 'elk'] });
    const out = join(await temporaryFolder(), 'shards');
    expect(await convertDataset(dataset, { to: 'webdataset', out })).toMatchObject({
      images: 4,
      files: 2,
      warnings: [],
    });
    const again = await openDataset(out, { cacheFolder: 'unused', multiLabel: true });
    expect(again.classNames).toEqual(dataset.classNames);
    const sets = ({ examples, classNames }: ImageDataset): string[] =>
      examples.map((example) => `${example.split!} ${labelText(example, classNames)}`).sort();
    expect(sets(again)).toEqual([
      'train dog',
      'train owl, cat',
      'validation none',
      'validation owl, dog',
    ]);
    expect(sets(again)).toEqual(sets(dataset));
    // Whoever wants one class per image is told that these have lists.
    await expect(openDataset(out, { cacheFolder: 'unused' })).rejects.toThrow(
      /has the label|no images with a label/,
    );
  });

  it('leave out images of which nothing is said, and warn if no image has two labels', async () => {
    const dataset = await open({ 'x.csv': 'path,label\na.jpg,"cat,dog"\nb.jpg,dog\nc.jpg,\n' });
    expect(dataset.classNames).toEqual(['cat,dog', 'dog']);
    expect(datasetWarnings(dataset)).toEqual([
      expect.stringMatching(/images without a label \(1, the first c.jpg\)/),
      expect.stringMatching(/No image of x has more than one label; .*option "labelSeparator"/),
    ]);
  });

  it.each([
    [
      'a list that is not JSON',
      'path,label\na.jpg,[cat\na.jpg,[cat]\n',
      {},
      /has the labels \[cat\]; write them/,
    ],
    ['an object', 'path,label\na.jpg,"[{}]"\n', {}, /Line 2 of/],
    ['an empty separator', 'path,label\na.jpg,x\n', { labelSeparator: '' }, /separator is empty/],
    [
      'a separator for one label',
      'path,label\na.jpg,x\n',
      { multiLabel: false, labelSeparator: ';' },
      /it requires several \(option "multiLabel"\)/,
    ],
  ])('refuse %s', async (_, text, options, message) => {
    const opening = open({ 'x.csv': text }, options);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toBeInstanceOf(FixresDataError);
  });

  it('are no class folders, and become none', async () => {
    const folder = await writeFolder(join(await temporaryFolder(), 'photos'), {
      'a/1.jpg': image,
      'b/1.jpg': image,
    });
    await expect(openDataset(folder, { cacheFolder: 'unused', multiLabel: true })).rejects.toThrow(
      /is read as class folders, in which an image has one class.*option "multiLabel"/,
    );
    const dataset = await open({ 'x.txt': 'a.jpg cat;dog\nb.jpg dog\n' });
    await expect(
      convertDataset(dataset, { to: 'folder', out: join(folder, 'out') }),
    ).rejects.toThrow(/have several labels.*hold one class per image; convert to webdataset/);
  });

  it('keep the labels among chosen classes', async () => {
    const text = 'a.jpg cat;dog;owl\nb.jpg dog\nc.jpg []\nd.jpg owl;cat\n';
    const chosen = takeClasses(await open({ 'x.txt': text }), ['owl', 'cat']);
    expect(read(chosen)).toEqual({ 'a.jpg': 'owl, cat', 'c.jpg': 'none', 'd.jpg': 'owl, cat' });
  });
});

describe('multi-label Parquet files', () => {
  const fixtures = fileURLToPath(new URL('../../fixtures/parquet', import.meta.url));
  const truth = JSON.parse(readFileSync(join(fixtures, 'truth.json'), 'utf8')) as Record<
    string,
    [part: string, labels: string | null, sha256: string | null][]
  >;

  it.each(['several', 'several-text', 'several-legacy'])(
    'have the labels and images that the Hugging Face library reads: %s',
    async (name) => {
      const dataset = await openDataset(join(fixtures, `${name}.parquet`), {
        cacheFolder: await temporaryFolder(),
        multiLabel: true,
      });
      const rows = await Promise.all(
        dataset.examples.map(async (example) => [
          'train',
          labelText(example, dataset.classNames),
          createHash('sha256')
            .update(await readBytes(example.source))
            .digest('hex'),
        ]),
      );
      // A row without a list says nothing about its image.
      expect(rows).toEqual(truth[name]!.filter(([, labels]) => labels !== null));
      expect(rows.length).toBeLessThan(truth[name]!.length);
    },
  );

  it('are refused without the option, in its words', async () => {
    await expect(
      openDataset(join(fixtures, 'several.parquet'), { cacheFolder: 'unused' }),
    ).rejects.toThrow(/has lists/);
  });
});

describe('labelValues', () => {
  it('reads what a list or joined text contains, whatever it is', () => {
    const label = fc.stringMatching(/^[a-zé][a-zé ]{0,4}[a-zé]$/);
    fc.assert(
      fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 5 }), (labels) => {
        fc.pre(!labels.some((each) => each.toLowerCase() === 'nan'));
        for (const value of [labels, labels.join(';'), labels.join(' | '), JSON.stringify(labels)])
          expect(labelValues(value, 'here')).toEqual(labels);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything()), (value) => {
        try {
          const labels = labelValues(value, 'here');
          expect(new Set(labels).size).toBe(labels?.length ?? 0);
        } catch (error) {
          expect(error).toBeInstanceOf(FixresDataError);
        }
      }),
    );
  });
});

/** Images with random sets of labels. */
const labelled = fc
  .record({
    classes: fc.integer({ min: 2, max: 4 }),
    sets: fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { minLength: 20, maxLength: 60 }),
  })
  .map(({ classes, sets }): ImageDataset => {
    const source = {
      file: '',
      start: 0,
      length: 0,
      compression: 'none',
      inflatedLength: 0,
    } as const;
    const examples = sets.map((set, i) => {
      const labels = [...new Set(set.map((label) => label % classes))].sort((a, b) => a - b);
      return { id: `${i}.jpg`, label: labels[0] ?? -1, labels, source };
    });
    // Every class is trained on.
    const classNames = Array.from({ length: classes }, (_, i) => `class${i}`);
    for (let i = 0; i < 8; i++)
      examples.push({ id: `all${i}.jpg`, label: 0, labels: [...classNames.keys()], source });
    return { name: 'made', format: 'manifest', classNames, examples, multiLabel: true };
  });

describe('splits of multi-label data sets', () => {
  it('hold every image out once, and spread each set of labels evenly', () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: 2, max: 4 }), (dataset, folds) => {
        const splits = kFolds(dataset, { folds });
        const heldOut = splits.flatMap((split) => split.heldOut.map(({ id }) => id));
        expect(heldOut.sort()).toEqual(dataset.examples.map(({ id }) => id).sort());
        for (const key of new Set(dataset.examples.map(({ labels }) => labels!.join()))) {
          // The images of sets that no other image has are split together.
          if (dataset.examples.filter(({ labels }) => labels!.join() === key).length < 2) continue;
          const counts = splits.map(
            (split) => split.heldOut.filter(({ labels }) => labels!.join() === key).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('do not depend on the order of reading', () => {
    fc.assert(
      fc.property(labelled, (dataset) => {
        const reversed = { ...dataset, examples: dataset.examples.toReversed() };
        expect(splitStratified(reversed, { heldOut: 0.3 })).toEqual(
          splitStratified(dataset, { heldOut: 0.3 }),
        );
        expect(splitByHash(reversed)).toEqual(splitByHash(dataset));
      }),
      { numRuns: 20 },
    );
  });
});
