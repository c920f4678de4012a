import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Example,
  ImageLoader,
  openDataset,
  splitByHash,
  withClassOrder,
} from '@fixres/data/node';
import type { RunConfig, Summary } from '@fixres/runs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatasetFacts } from '../src/data-info/summarize-dataset.ts';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import { type CliResult, runCli, suiteFolder } from './run-cli.ts';

/** Small data sets as other tools write them: packages/data/scripts/make-layout-fixtures.py. */
const layout = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/data/src/fixtures/layouts/${name}`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await suiteFolder();
});

/** Without random crops, whose apparent sizes are simulated. */
const tiny =
  '--model resnet14v2 --width 4 --image-size 32 --epochs 1 --batch-size 8 --train-policy resizeFlip'.split(
    ' ',
  );
const train = (dataset: string, run: string, ...options: string[]): Promise<CliResult> =>
  runCli(['train', dataset, ...tiny, '--out', join(folder, run), ...options]);
const read = async <T>(...path: string[]): Promise<T> =>
  JSON.parse(await readFile(join(folder, ...path), 'utf8')) as T;

async function evaluated(...words: string[]): Promise<EvaluationReport> {
  const { code, stdout } = await runCli(['evaluate', ...words, '--json', '--quiet']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as EvaluationReport;
}

async function info(...words: string[]): Promise<DatasetFacts> {
  const { code, stdout } = await runCli(['data', 'info', ...words, '--json', '--quiet']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as DatasetFacts;
}

async function refused(words: string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runCli(words);
  expect(stderr).toMatch(message);
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
    code: 2,
    stdout: '',
    lines: 1,
  });
}

describe('a data set with several labels', () => {
  it('requires the choice of one, names the option, and stores the choice with the run', async () => {
    const dataset = layout('tfds-two-labels-unsaid');
    await refused(
      ['train', dataset, ...tiny, '--out', join(folder, 'asked')],
      /^error: .* could be the class: coarse_label, species; select the one with the class \(option --label-key\)\.\n$/,
    );
    const { code, stderr } = await train(
      dataset,
      'labels',
      '--label-key',
      'coarse_label',
      '--quiet',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await read<RunConfig>('labels', 'config.json')).dataset.labelKey).toBe('coarse_label');
    const { dataset: own, images } = await evaluated(join(folder, 'labels'), dataset);
    expect([own.classes, images.count]).toEqual([['broadleaf', 'conifer'], 6]);
    const { code: tuned } = await runCli([
      'finetune',
      join(folder, 'labels'),
      dataset,
      '--epochs',
      '1',
      '--batch-size',
      '8',
      '--out',
      join(folder, 'labels-tuned'),
      '--quiet',
    ]);
    expect(tuned).toBe(0);
    expect((await read<RunConfig>('labels-tuned', 'config.json')).dataset.labelKey).toBe(
      'coarse_label',
    );
    await refused(
      ['data', 'info', layout('hub-class-folders'), '--label-key', 'species'],
      /is read as class folders; there is no label "species" next to the images \(option --label-key\)/,
    );
  });
});

describe('class folders in class folders', () => {
  it('are read again as in training, with the names of their ids', async () => {
    const dataset = join(folder, 'nested');
    for (const [i, id] of ['living/n1', 'living/n2', 'made/n3'].entries())
      for (let n = 0; n < 8; n++) {
        const background = { r: 80 * i, g: 10 * n, b: 100 };
        await mkdir(join(dataset, id), { recursive: true });
        await sharp({ create: { width: 40, height: 32, channels: 3, background } })
          .png()
          .toFile(join(dataset, id, `${n}.png`));
      }
    const names = join(folder, 'class_index.json');
    const index = {
      '0': ['living/n2', 'fish'],
      '1': ['made/n3', 'tools'],
      '2': ['living/n1', 'ape'],
    };
    await writeFile(names, JSON.stringify(index));
    await refused(
      ['data', 'info', dataset],
      /has no class folders: .* or class folders in class folders \(option --nested-classes\)\.\n$/,
    );
    const reading = ['--nested-classes', '--class-names', names];
    expect((await train(dataset, 'in-nested', ...reading, '--quiet')).code).toBe(0);
    const { dataset: own } = await evaluated(join(folder, 'in-nested'), dataset);
    expect(own.classes).toEqual(['fish', 'tools', 'ape']);

    const shards = join(folder, 'shards');
    const { code, stdout, stderr } = await runCli([
      ...['data', 'convert', dataset, '--to', 'webdataset', '--out', shards],
      ...[...reading, '--json', '--quiet'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ dataset: 'nested', images: 24, files: 1 });
    expect(await info(shards)).toMatchObject({
      format: 'webdataset',
      classes: ['fish', 'tools', 'ape'].map((name) => ({ name, images: 8 })),
    });
    for (const [words, message] of [
      [
        ['--to', 'webdataset', '--out', shards],
        /is not empty; give a new or empty folder \(option --out\)\.\n$/,
      ],
      [
        ['--to', 'folder', '--out', join(dataset, 'x')],
        /Option --out is ".*", which is in the data set/,
      ],
      [
        ['--to', 'folder', '--out', 'x', '--shard-size', '2'],
        /Option --shard-size goes with --to webdataset only\./,
      ],
    ] as const)
      await refused(['data', 'convert', dataset, ...reading, ...words], message);

    await writeFile(join(dataset, 'made/n3/no-image.png'), 'text');
    await writeFile(join(dataset, 'made/n3/phone.heic'), '');
    const words = ['data', 'convert', dataset, ...reading, '--to', 'folder', '--out'];
    const to = join(folder, 'folders');
    const failed = await runCli([...words, to]);
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toMatch(
      /error: Image made\/n3\/no-image\.png cannot be read: .* leave them out \(option --skip-corrupt\)\.\n$/,
    );
    const skipped = await runCli([...words, to, '--skip-corrupt', '--json']);
    expect(skipped.stderr).toContain('warning: Left out of nested:');
    expect(JSON.parse(skipped.stdout)).toMatchObject({
      images: 24,
      warnings: [
        expect.stringMatching(/^Left out of nested: .*phone\.heic\)\.$/) as string,
        expect.stringMatching(
          /^Not written: 1 image\. Image made\/n3\/no-image\.png cannot/,
        ) as string,
        expect.stringContaining('do not keep the order of the classes') as string,
      ],
    });
  });
});

describe('the parts of a data set', () => {
  it('are split by hash if they are only for training; images without a label are reported', async () => {
    const { code, stderr } = await train(
      layout('tfds-unlabelled-test'),
      'train-only',
      '--held-out',
      '0.2',
    );
    expect(code).toBe(0);
    expect(stderr).toContain(
      'Data:   tfds_unlabelled_test, 3 classes, 24 training images, 6 held out\n',
    );
    const warning =
      'Left out of tfds_unlabelled_test: images without a label in the part test (6, the first tfds_unlabelled_test-test.tfrecord-00000-of-00001#0).';
    expect(stderr).toContain(warning);
    const events = (await readFile(join(folder, 'train-only', 'events.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; message?: string });
    expect(events.filter(({ type }) => type === 'warning').map(({ message }) => message)).toEqual([
      warning,
    ]);
    const { images } = await evaluated(join(folder, 'train-only'), layout('tfds-unlabelled-test'));
    expect(images).toEqual({ split: 'held-out', count: 6, trainedOn: 0 });
  });

  it('can be evaluated but not trained on, if they are only held out', async () => {
    const dataset = layout('tfds-test-only');
    await refused(
      ['train', dataset, ...tiny, '--out', join(folder, 'none')],
      /has the part test; the given split needs "train" and "test"\. A model can be evaluated on it, not trained\./,
    );
    for (const part of ['held-out', 'test', 'all'])
      expect(
        (await evaluated(join(folder, 'train-only'), dataset, '--split', part)).images,
      ).toMatchObject({ split: part, count: 6 });
  });

  it('may lack a class if they are held out, but not if they are trained on; images in no part are not used', async () => {
    const rows = [
      ['train', 0],
      ['train', 1],
      ['train', 2],
      ['train', 3],
      ['test', 0],
      ['test', 4],
      ['', 5],
    ] as const;
    await mkdir(join(folder, 'few'));
    for (const [, i] of rows)
      await sharp({
        create: { width: 40, height: 40, channels: 3, background: { r: 40 * i, g: 90, b: 9 } },
      })
        .png()
        .toFile(join(folder, 'few', `${i}.png`));
    const list = async (heldOut: string): Promise<string> => {
      const lines = [
        'train,a,0',
        'train,b,1',
        'train,a,2',
        'train,b,3',
        `test,${heldOut},4`,
        ',a,5',
      ].map((line) => line.replace(/(\d)$/, '$1.png'));
      await writeFile(join(folder, 'few', 'list.csv'), `split,label,path\n${lines.join('\n')}\n`);
      return join(folder, 'few', 'list.csv');
    };
    const { code, stderr } = await train(await list('a'), 'few-run');
    expect(code).toBe(0);
    expect(stderr).toContain('Not used of list: 1 image in no part.');
    expect(stderr).toContain(
      'No held-out image is of the class b; how well that is told apart is not measured.',
    );
    await refused(
      ['train', await list('c'), ...tiny, '--out', join(folder, 'none')],
      /Part "train" of "list" has no image of the class c \(there are 1 in the part "test"\)\. Add some to it, or remove the class\./,
    );
  });
});

describe('the classes of a data set', () => {
  it('get names from a file if they are numbers, and the run stores these names', async () => {
    const names = join(folder, 'names.txt');
    await writeFile(names, 'cedar\nash\nbeech\n\n');
    const dataset = join(layout('list-parts'), 'list.csv');
    expect(
      (await info(dataset, '--class-names', names)).classes.map(({ name, images }) => [
        name,
        images,
      ]),
    ).toEqual([
      ['cedar', 4],
      ['ash', 5],
      ['beech', 5],
    ]);
    expect((await train(dataset, 'named', '--class-names', names, '--quiet')).code).toBe(0);
    await writeFile(names, 'cedar\n\nash\n');
    await refused(
      ['data', 'info', dataset, '--class-names', names],
      /^error: Line 2 of the class names in ".*names\.txt" is empty; each names a class\.\n$/,
    );
    expect((await evaluated(join(folder, 'named'), dataset)).dataset.classes).toEqual([
      'cedar',
      'ash',
      'beech',
    ]);
    const file = join(folder, 'named.yaml');
    const experiment = { source: dataset, classNames: ['cedar', 'ash', 'beech'], limit: 14 };
    await writeFile(
      file,
      JSON.stringify({
        version: 1,
        dataset: experiment,
        model: { name: 'resnet14v2', width: 4 },
        batchSize: 8,
        arms: [
          {
            name: 'a',
            trainPolicy: { policy: 'resize', size: 32 },
            testPolicy: { policy: 'resize', size: 32 },
            epochs: 1,
            learningRate: 0.01,
          },
        ],
      }),
    );
    expect((await runCli(['run', file, '--out', join(folder, 'named-run'), '--quiet'])).code).toBe(
      0,
    );
    expect((await read<RunConfig>('named-run', 'config.json')).dataset).toMatchObject(experiment);
  });

  it('keep the order of a run of an earlier version', async () => {
    const dataset = layout('numbered-folders');
    const run = join(folder, 'numbers');
    expect((await train(dataset, 'numbers', '--held-out', '0.4', '--quiet')).code).toBe(0);
    const {
      arms: [arm],
    } = await read<Summary>('numbers', 'summary.json');
    expect(await evaluated(run, dataset)).toMatchObject({
      dataset: { classes: ['1', '2', '10'] },
      evaluations: [{ confusion: arm!.evaluations[0]!.metrics!.confusion }],
    });
    // Earlier versions sorted 1, 10, 2. The same model, trained that way, would have these names
    // for its outputs.
    for (const file of ['events.jsonl', 'models/trained-seed0/model.json']) {
      const text = await readFile(join(run, file), 'utf8');
      expect(text).toContain('["1","2","10"]');
      await writeFile(join(run, file), text.replaceAll('["1","2","10"]', '["1","10","2"]'));
    }
    const {
      dataset: own,
      evaluations: [evaluation],
    } = await evaluated(run, dataset);
    expect(own.classes).toEqual(['1', '10', '2']);
    // The true classes are relabelled; the predictions are unchanged.
    const before = arm!.evaluations[0]!.metrics!.confusion;
    expect(evaluation!.confusion).toEqual([before[0], before[2], before[1]]);
    const { stderr } = await runCli([
      'finetune',
      run,
      dataset,
      '--epochs',
      '1',
      '--batch-size',
      '8',
      '--out',
      join(folder, 'numbers-tuned'),
    ]);
    expect(stderr).not.toContain('new classifier');
    expect((await read<Summary>('numbers-tuned', 'summary.json')).dataset.classes).toEqual([
      '1',
      '10',
      '2',
    ]);
  });
});

it('keep their order when a run of an earlier version with another order is resumed', async () => {
  const source = layout('numbered-folders');
  const run = join(folder, 'killed');
  const { code } = await runCli(
    ['train', source, ...tiny, '--epochs', '3', '--held-out', '0.4', '--out', run],
    {
      ownProcess: true,
      onStderr: (text, kill) => {
        if (/epoch +1\/3/.test(text)) kill('SIGKILL');
      },
    },
  );
  expect(code).toBeNull();
  // What that version would have written: its order, and digests of images with its labels.
  const earlier = withClassOrder(await openDataset(source, { cacheFolder: folder }), [
    '1',
    '10',
    '2',
  ]);
  const split = splitByHash(earlier, { heldOut: 0.4 });
  const loader = new ImageLoader({ threads: 1 });
  const digestOf = async (examples: Example[]): Promise<string> => {
    const { digests } = await loader.inspect(examples);
    return createHash('sha256')
      .update(examples.map(({ id, label }, i) => `${id}\t${label}\t${digests[i]}\n`).join(''))
      .digest('hex');
  };
  const images = { train: await digestOf(split.train), heldOut: await digestOf(split.heldOut) };
  await loader.close();
  const config = await read<RunConfig>('killed', 'config.json');
  expect(config.images).not.toEqual(images);
  await writeFile(join(run, 'config.json'), JSON.stringify({ ...config, images }));
  const events = await readFile(join(run, 'events.jsonl'), 'utf8');
  await writeFile(join(run, 'events.jsonl'), events.replaceAll('["1","2","10"]', '["1","10","2"]'));
  const resumed = await runCli(['resume', run, '--quiet']);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect((await read<Summary>('killed', 'summary.json')).dataset.classes).toEqual(['1', '10', '2']);
});

describe('the images of a data set', () => {
  it('may be as large as an option allows, and the error names that option', async () => {
    const photos = join(folder, 'photos');
    for (const name of ['a', 'b']) {
      await mkdir(join(photos, name), { recursive: true });
      for (let n = 0; n < 4; n++)
        await sharp({
          create: {
            width: 50 + n,
            height: 40,
            channels: 3,
            background: { r: 60 * n, g: name === 'a' ? 20 : 200, b: 7 },
          },
        })
          .tiff()
          .toFile(join(photos, name, `${n}.tiff`));
    }
    await writeFile(join(photos, 'a', 'telephone.heic'), 'none');
    await refused(
      [
        'train',
        photos,
        ...tiny,
        '--out',
        join(folder, 'none'),
        '--max-megapixels',
        '0.002',
        '--quiet',
      ],
      /^error: Image a\/1\.tiff has more than 2000 pixels, .* \(option --max-megapixels\)\./,
    );
    await refused(
      ['train', photos, '--max-megapixels', '501'],
      /It must be a number above 0, at most 500\./,
    );
    const { corrupt, leftOut, formats } = await info(photos, '--max-megapixels', '0.002');
    expect([corrupt.length, leftOut, formats]).toEqual([
      6,
      [{ what: '.heic files', count: 1, first: 'a/telephone.heic', matters: true }],
      { tiff: 8 },
    ]);
    const { stdout } = await runCli([
      'data',
      'info',
      photos,
      '--max-megapixels',
      '0.002',
      '--quiet',
    ]);
    expect(stdout).toContain(
      'Read as:    class folders\nParts:      none\nLeft out:\n  .heic files: 1, the first a/telephone.heic\nFormats:    tiff 8\nDamaged:    6 of 8\n',
    );
    expect(stdout).toContain(
      '  Image a/1.tiff has more than 2000 pixels, the maximum (option --max-megapixels).\n',
    );
    const { code, stderr } = await train(
      photos,
      'megapixels',
      '--held-out',
      '0.3',
      '--max-megapixels',
      '0.003',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('Left out of photos: .heic files (1, the first a/telephone.heic).');
    expect((await read<RunConfig>('megapixels', 'config.json')).dataset.maxMegapixels).toBe(0.003);
  });

  it('of a list may be outside its folder if that is allowed', async () => {
    const list = join(folder, 'lists', 'outside.csv');
    await mkdir(join(folder, 'lists'));
    await writeFile(list, 'path,label\n../photos/a/0.tiff,a\n../photos/b/0.tiff,b\n');
    await refused(
      ['data', 'info', list],
      /^error: Line 2 of .* which is outside the folder of the list \(option --allow-outside\)\.\n$/,
    );
    expect((await info(list, '--allow-outside')).images).toBe(2);
  });
});
