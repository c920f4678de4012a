import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEngine } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onFastestEngine, runCli, temporaryFolder } from './run-cli.ts';

onFastestEngine();

/**
 * Output of packages/models/scripts/make-weights-fixtures.py with Keras: files, photos, and
 * predictions.
 */
const fixture = (name: string): string =>
  isAbsolute(name)
    ? name
    : fileURLToPath(
        new URL(`../../../packages/models/test/fixtures/keras/${name}`, import.meta.url),
      );

interface Expected {
  classes: string[];
  size: number;
  random: number[][];
  trained: number[][];
}

interface Prediction {
  file: string;
  probabilities: number[];
  top: { label: string; probability: number }[];
}

async function kerasPredictions(): Promise<Expected> {
  return JSON.parse(await readFile(fixture('predictions.json'), 'utf8')) as Expected;
}

/** Imports a fixture; returns the model folder. */
async function imported(file: string, folder: string, ...more: string[]): Promise<string> {
  const { classes, size } = await kerasPredictions();
  const names = join(folder, 'names.txt');
  await writeFile(names, `${classes.join('\n')}\n`);
  const out = join(folder, basename(file));
  const args = [
    '--arch',
    'resnet26v2',
    '--width',
    '2',
    '--class-names',
    names,
    '--image-size',
    String(size),
    '--out',
    out,
    ...more,
  ];
  const { code, stdout, stderr } = await runCli(['import', 'keras', fixture(file), ...args]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(
    `resnet26v2 with 5 classes, 144 arrays matched by ${file.endsWith('.weights.h5') ? 'name' : 'configuration'}, used at 64 pixels under resize`,
  );
  return out;
}

async function predictions(model: string, ...more: string[]): Promise<Prediction[]> {
  const { classes } = await kerasPredictions();
  const { code, stdout, stderr } = await runCli([
    'predict',
    model,
    ...classes.map((name) => fixture(`photos/${name}.jpg`)),
    '--json',
    '--quiet',
    ...more,
  ]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { predictions: Prediction[] }).predictions;
}

function expectClose(
  received: readonly Prediction[],
  expected: readonly (readonly number[])[],
): void {
  expect(received.length).toBe(expected.length);
  received.forEach(({ probabilities }, i) => {
    probabilities.forEach((probability, j) =>
      expect(Math.abs(probability - expected[i]![j]!)).toBeLessThan(1e-3),
    );
  });
}

describe('a model saved by Keras', () => {
  let shared = '';
  let trainedModel = '';

  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
    trainedModel = await imported('trained.keras', shared);
  });

  afterAll(() => rm(shared, { recursive: true, force: true }));

  it.each([
    ['random.weights.h5', 'random', ['--scaling', 'plus-minus-one']],
    ['trained.weights.h5', 'trained', ['--scaling', 'plus-minus-one']],
    ['trained.h5', 'trained', []],
  ] as const)('predicts the same as keras.Model.predict: %s', async (file, kind, options) => {
    const expected = await kerasPredictions();
    const results = await predictions(await imported(file, await temporaryFolder(), ...options));
    expectClose(results, expected[kind]);
    for (const [i, { top, probabilities }] of results.entries()) {
      expect(top.map(({ probability }) => probability)).toEqual(
        probabilities.slice().sort((a, b) => b - a),
      );
      expect(top[0]!.label).toBe(
        expected.classes[probabilities.indexOf(Math.max(...probabilities))],
      );
      expect(results[i]!.file).toContain(expected.classes[i]!);
    }
  });

  it('predicts the same as keras.Model.predict: trained.keras', async () => {
    expectClose(await predictions(trainedModel), (await kerasPredictions()).trained);
  });

  it('is used with its own preprocessing, unless the user overrides it', async () => {
    const photo = fixture('photos/daisy.jpg');
    const other = await runCli(['predict', trainedModel, photo, '--image-size', '96']);
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toContain('input.height is 64 in the model and 96 here');
    expect(
      (
        await runCli([
          'predict',
          trainedModel,
          photo,
          '--image-size',
          '96',
          '--override-contract',
          '--json',
        ])
      ).code,
    ).toBe(0);
  });

  it(
    'can be exported to Keras and SavedModel, and used again as a model folder',
    { tags: 'native-engine' },
    async () => {
      const folder = await temporaryFolder();
      const { trained } = await kerasPredictions();
      for (const format of ['tfjs', 'keras', 'keras-weights', 'savedmodel']) {
        expect(
          await runCli([
            'export',
            trainedModel,
            '--format',
            format,
            '--out',
            join(folder, 'out', format),
          ]),
        ).toMatchObject({ code: 0, stdout: `${join(folder, 'out', format)}\n` });
      }
      expectClose(await predictions(join(folder, 'out/tfjs')), trained);
      const back = await imported(join(folder, 'out/keras/model.keras'), folder);
      expectClose(await predictions(back), trained);
      expect((await readdir(join(folder, 'out/keras-weights'))).sort()).toEqual([
        'README.md',
        'export.json',
        'fixres.json',
        'model.weights.h5',
      ]);
      expect(await readdir(join(folder, 'out/savedmodel'))).toEqual(
        expect.arrayContaining(['saved_model.pb', 'variables', 'fixres.json']),
      );
      expect(await readFile(join(folder, 'out/savedmodel/fixres.json'))).toEqual(
        await readFile(join(folder, 'out/keras-weights/fixres.json')),
      );

      for (const [format, reason] of [
        ['tfjs', 'no images are given; give them with --data'],
        ['keras-weights', 'weights without their layers cannot be run'],
      ]) {
        const certificate = await readFile(join(folder, 'out', format!, 'export.json'), 'utf8');
        expect(JSON.parse(certificate)).toMatchObject({
          format,
          images: null,
          verification: { verdict: 'not verified', reason },
        });
      }

      const again = await runCli([
        'export',
        trainedModel,
        '--format',
        'tfjs',
        '--out',
        join(folder, 'out/tfjs'),
      ]);
      expect(again).toMatchObject({ code: 2, stdout: '' });
      expect(again.stderr).toContain('exists already');
    },
  );

  it(
    'is exported to a folder with a trailing slash, as in the help text',
    { tags: 'native-engine' },
    async () => {
      const folder = await temporaryFolder();
      for (const format of ['tfjs', 'keras-weights', 'savedmodel']) {
        const out = `${join(folder, format)}/`;
        expect(
          await runCli(['export', trainedModel, '--format', format, '--out', out]),
        ).toMatchObject({ code: 0, stdout: `${out}\n` });
      }
      await imported('trained.keras', folder, '--out', `${join(folder, 'imported')}/`);
      expect((await readdir(folder)).sort()).toEqual([
        'imported',
        'keras-weights',
        'names.txt',
        'savedmodel',
        'tfjs',
      ]);
    },
  );

  for (const format of ['tfjs', 'keras-weights', 'savedmodel'])
    it(
      `fails as ${format} if the folder cannot be created`,
      onEngine(format === 'savedmodel' ? 'tensorflow' : 'wasm'),
      async () => {
        const file = join(await temporaryFolder(), 'file');
        await writeFile(file, '');
        const { code, stdout, stderr } = await runCli([
          'export',
          trainedModel,
          '--format',
          format,
          '--out',
          join(file, 'out'),
        ]);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(
          /^error: Option --out is ".*out", which cannot be written: (EEXIST|ENOTDIR): .*\n$/,
        );
      },
    );

  it('is refused with options that do not fit', async () => {
    const out = join(await temporaryFolder(), 'model');
    const { code, stdout, stderr } = await runCli([
      'import',
      'keras',
      fixture('trained.weights.h5'),
      '--arch',
      'resnet14v2',
      '--width',
      '2',
      '--scaling',
      'plus-minus-one',
      '--classes',
      '7',
      '--out',
      out,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('wrong shape: predictions/bias is [5] in the file, [7] in the model');
    expect(stderr).toContain('unexpected: conv2_block2_1_conv/');
    const damaged = await runCli([
      'import',
      'keras',
      fixture('photos/daisy.jpg'),
      '--arch',
      'resnet14v2',
      '--classes',
      '5',
      '--out',
      out,
    ]);
    expect(damaged).toMatchObject({ code: 2, stdout: '' });
    expect(damaged.stderr).toMatch(/is neither HDF5 \(\.h5\) nor a Keras archive/);
    expect(
      (
        await runCli([
          'import',
          'keras',
          'imagenet',
          '--arch',
          'resnet50v2',
          '--weights-file',
          fixture('trained.h5'),
          '--out',
          out,
        ])
      ).stderr,
    ).toContain('its MD5 is not 3ef43a0b657b3be2300d5770ece849e0');
  });
});
