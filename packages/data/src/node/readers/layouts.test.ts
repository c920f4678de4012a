import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { type ImageDataset, datasetWarnings } from '../dataset/dataset.ts';
import { decodeImage } from '../decode/decode-image.ts';
import { readBytes } from '../files/byte-source.ts';
import { openDataset, type OpenDatasetOptions } from './open-dataset.ts';

/** Written by the tools themselves in `scripts/make-layout-fixtures.py`. */
const layouts = fileURLToPath(new URL('../../fixtures/layouts', import.meta.url));
const documentation = readFileSync(
  new URL('../../../../../docs/datasets.md', import.meta.url),
  'utf8',
);

/**
 * What the tools read from each layout: number of images by part and class. Images without a label
 * have an empty class.
 */
const truth = JSON.parse(readFileSync(join(layouts, 'truth.json'), 'utf8')) as Record<
  string,
  Record<string, Record<string, number>>
>;

/** The red level of a picture encodes its class, the blue level its part. */
const trees = ['cedar', 'ash', 'beech'];
const parts = ['train', 'validation', 'test'];

/** A layout in the table of docs/datasets.md. */
interface Layout {
  name: string;
  /** What is opened, if not the whole folder. */
  path?: string;
  options?: Partial<OpenDatasetOptions>;
}

interface Read extends Layout {
  format: ImageDataset['format'];
  classNames: string[];
  /** Maps a class name to the tree; by default they are equal. */
  treeOf?: (className: string) => string;
  warnings?: string[];
}

const cls = (className: string): string =>
  ({ '2': 'cedar', '10': 'ash', '1': 'beech' })[className]!;
const place = (className: string): string => trees[Number(className)]!;
const sorted = [...trees].sort();

const read: Read[] = [
  { name: 'tfds-two-labels', format: 'tfrecord', classNames: trees },
  {
    name: 'tfds-two-labels-unsaid',
    options: { labelKey: 'species' },
    format: 'tfrecord',
    classNames: trees,
  },
  { name: 'tfds-train-only', format: 'tfrecord', classNames: trees },
  { name: 'tfds-test-only', format: 'tfrecord', classNames: trees },
  {
    name: 'tfds-unlabelled-test',
    format: 'tfrecord',
    classNames: trees,
    warnings: [
      'Left out of tfds_unlabelled_test: images without a label in the part test (6, the first tfds_unlabelled_test-test.tfrecord-00000-of-00001#0).',
    ],
  },
  {
    name: 'tf-two-labels',
    path: 'trees.tfrecord',
    options: { labelKey: 'fine_label' },
    format: 'tfrecord',
    classNames: ['0', '1', '2'],
    treeOf: place,
  },
  { name: 'wds-parts', format: 'webdataset', classNames: ['1', '2', '10'], treeOf: cls },
  { name: 'wds-train-only', format: 'webdataset', classNames: ['1', '2', '10'], treeOf: cls },
  { name: 'wds-json', path: '.tar', format: 'webdataset', classNames: sorted },
  { name: 'wds-class-folders', path: '.tar', format: 'class-folders', classNames: sorted },
  {
    name: 'wds-unlabelled',
    path: '.tar',
    format: 'webdataset',
    classNames: ['0', '1', '2'],
    treeOf: place,
    warnings: [
      'Left out of wds-unlabelled: images without a label (3, the first wds-unlabelled/009).',
    ],
  },
  { name: 'hub-class-folders', format: 'class-folders', classNames: sorted },
  { name: 'hub-metadata-parts', format: 'metadata', classNames: sorted },
  { name: 'hub-metadata-root', format: 'metadata', classNames: sorted },
  { name: 'hub-parquet', format: 'parquet', classNames: trees },
  { name: 'roboflow-folders', format: 'class-folders', classNames: sorted },
  {
    name: 'roboflow-classes-csv',
    format: 'metadata',
    classNames: sorted,
    warnings: [
      'Left out of roboflow-classes-csv: images without a label (1, the first test/tree-015_png.rf.0000000000000000000000000000000f.png), ' +
        'images of several classes (1, the first test/tree-016_png.rf.00000000000000000000000000000010.png).',
    ],
  },
  {
    name: 'kaggle-class-folders',
    format: 'class-folders',
    classNames: sorted,
    warnings: [
      'Left out of kaggle-class-folders: images in no class folder (6, the first test/009.png).',
    ],
  },
  { name: 'list-filename', path: 'train.csv', format: 'manifest', classNames: sorted },
  {
    name: 'list-parts',
    path: 'list.csv',
    format: 'manifest',
    classNames: ['0.0', '1.0', '2.0'],
    treeOf: place,
    warnings: ['Left out of list: images without a label (1, the first images/000.png).'],
  },
  { name: 'numbered-folders', format: 'class-folders', classNames: ['1', '2', '10'], treeOf: cls },
];

const refused: (Layout & { code: string; message: RegExp })[] = [
  {
    name: 'tfds-two-labels-unsaid',
    code: 'bad-option',
    message:
      /has several features that could be the class: coarse_label, species; select the one with the class/,
  },
  {
    name: 'tf-two-labels',
    path: 'trees.tfrecord',
    code: 'bad-option',
    message: /several features that could be the class: coarse_label, fine_label; select/,
  },
  {
    name: 'wds-class-member',
    path: '.tar',
    code: 'bad-layout',
    message: /but no labels; .* Its samples have the members \.class, \.png\./,
  },
  {
    name: 'wds-input-target',
    path: '.tar',
    code: 'bad-layout',
    message:
      /contains no sample with an image; .* Its samples have the members \.input\.png, \.target\.cls\./,
  },
  {
    name: 'hub-captions',
    code: 'bad-layout',
    message:
      /test\/metadata\.csv of .*hub-captions has the column text in addition to the path, and no label or class; select the one/,
  },
  {
    name: 'hub-save-to-disk',
    code: 'unsupported-format',
    message: /contains data-00000-of-00001\.arrow: Arrow files of save_to_disk are not supported/,
  },
  {
    name: 'kaggle-flat',
    code: 'bad-layout',
    message:
      /test\/009\.png and train\/000\.png\) in folders named like parts, without class folders\..* You can give a list of images .* contains train\.csv\./,
  },
];

async function open({ name, path, options = {} }: Layout): Promise<ImageDataset> {
  const file = path?.startsWith('.') ? join(layouts, name + path) : join(layouts, name, path ?? '');
  return openDataset(file, { cacheFolder: await temporaryFolder(), ...options });
}

describe('layouts of other tools', () => {
  it.each(read)('reads $name as the original tool does', async (layout) => {
    const dataset = await open(layout);
    const { classNames, examples, format } = dataset;
    expect([format, classNames, datasetWarnings(dataset)]).toEqual([
      layout.format,
      layout.classNames,
      layout.warnings ?? [],
    ]);
    const hasParts = examples.some(({ split }) => split !== undefined);
    const counts: Record<string, Record<string, number>> = {};
    for (const { label, split = '' } of examples) {
      const part = (counts[split] ??= {});
      part[classNames[label]!] = (part[classNames[label]!] ?? 0) + 1;
    }
    expect(counts).toEqual(labelledOf(truth[layout.name]!, hasParts));
    // The labels belong to these very images.
    for (const { id, label, source, split } of examples) {
      const { data } = await decodeImage(await readBytes(source), id);
      expect(trees[(data[0]! - 40) / 80], id).toBe(
        (layout.treeOf ?? ((name) => name))(classNames[label]!),
      );
      if (split !== undefined && layout.format !== 'manifest')
        expect(parts[(data[2]! - 40) / 80], id).toBe(split);
    }
  });

  it.each(refused)('rejects $name with a reason', async (layout) => {
    await expect(open(layout)).rejects.toMatchObject({
      code: layout.code,
      message: expect.stringMatching(layout.message) as string,
    });
  });

  it('match the table in docs/datasets.md', () => {
    const rows = [...documentation.matchAll(/^\| `([\w-]+)`\s*\| ([^|]+) \| ([^|]+) \|$/gm)].map(
      ([, name, , what]) => [name, /^(read|asks, then read|refused)/.exec(what!)?.[1]],
    );
    const expected = [...new Set([...read, ...refused].map(({ name }) => name))].map((name) => {
      const [isRead, isRefused] = [read, refused].map((list) =>
        list.some((layout) => layout.name === name),
      );
      return [name, isRead && isRefused ? 'asks, then read' : isRead ? 'read' : 'refused'];
    });
    expect(rows.sort()).toEqual(expected.sort());
  });
});

/** The images with a label, merged into one part if the data set has no parts of its own. */
function labelledOf(
  byPart: Record<string, Record<string, number>>,
  hasParts: boolean,
): Record<string, Record<string, number>> {
  const labelled = Object.entries(byPart).map(
    ([part, classes]) =>
      [part, Object.fromEntries(Object.entries(classes).filter(([name]) => name !== ''))] as const,
  );
  const full = labelled.filter(([, classes]) => Object.keys(classes).length > 0);
  return hasParts
    ? Object.fromEntries(full)
    : { '': full.find(([part]) => part === '' || part === 'train')![1] };
}
