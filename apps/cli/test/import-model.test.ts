import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { samplePhotos } from '@fixres/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ownProbabilities } from '../src/import-model/own-probabilities.ts';
import { fill } from '../../../packages/models/test/support/fill.ts';
import { softmax } from '../../../packages/models/test/support/softmax.ts';
import { onFastestEngine, runCli, temporaryFolder } from './run-cli.ts';

onFastestEngine();

/**
 * Output of packages/models/scripts/make-import-fixtures.py: models of Keras and tf_keras, and
 * their predictions on two images.
 */
const fixture = (name: string): Promise<Buffer> =>
  readFile(
    fileURLToPath(
      new URL(`../../../packages/models/test/fixtures/keras-import/${name}`, import.meta.url),
    ),
  );

interface Case {
  size: number;
  predictions: number[][];
}

async function unpacked(name: string, folder: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, gunzipSync(await fixture(`${name}.gz`)));
  return file;
}

/** The images of the script, as PNG, which is lossless. */
async function images(
  folder: string,
  { height, width }: { height: number; width: number },
): Promise<string[]> {
  const levels = Uint8Array.from(fill('images', 2 * height * width * 3), (value) =>
    Math.round(127.5 + 127.5 * value),
  );
  return Promise.all(
    [0, 1].map(async (i) => {
      const file = join(folder, `${i}.png`);
      await sharp(levels.subarray((i * levels.length) / 2, ((i + 1) * levels.length) / 2), {
        raw: { width, height, channels: 3 },
      })
        .png()
        .toFile(file);
      return file;
    }),
  );
}

it('a model for one rectangle predicts the same as in Keras, in fixres and in ONNX Runtime', async () => {
  const folder = await temporaryFolder();
  const [out, onnx, names] = ['model', 'onnx', 'names.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(names, 'animals\nfish\nmonuments\ntools\nwindmills\n');
  const file = await unpacked('rectangle.keras', folder);
  const imported = await runCli(['import', 'keras', file, '--class-names', names, '--out', out]);
  expect(imported.stdout).toBe(
    `${out}: rectangle with 5 classes, 4 arrays matched by configuration, used at 24x40 pixels under resize\n`,
  );
  const photos = await images(folder, { height: 24, width: 40 });
  const { stdout } = await runCli(['predict', out, ...photos, '--json', '--quiet']);
  const { predictions } = JSON.parse(stdout) as { predictions: { probabilities: number[] }[] };
  const expected = JSON.parse((await fixture('rectangle.json')).toString()) as number[][];
  expect(predictions.map(({ probabilities }) => probabilities)).toEqual(
    expected.map((row) => row.map((p) => expect.closeTo(p, 5) as number)),
  );
  const turned = ['--image-size', '40x24', '--override-contract'];
  expect(await runCli(['predict', out, ...photos, ...turned])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'Model "rectangle" is for images of 24x40 only: its layer "flatten" (Flatten) takes maps of 3x5x4, not of 5x3x4',
    ) as string,
  });
  const described = await runCli(['describe', out]);
  expect(described.stdout).toMatch(/^rectangle, 24 x 40 x 3\n/);
  const exported = await runCli([
    ...['export', out, '--format', 'onnx', '--with-preprocessing', '--out', onnx],
    ...['--data', samplePhotos, '--limit', '10', '--require-verified'],
  ]);
  expect(exported).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /Verified with onnxruntime-node \S+ on 4 .*: no difference found$/m,
    ) as string,
  });
});

describe('a network of any other architecture is imported layer by layer', () => {
  it.each([
    [
      'vgg16',
      'vgg16 with 5 classes, 32 arrays',
      [
        'Images are scaled as preprocess_input of keras.applications does for vgg16: caffe. --scaling changes this.',
        'Model "vgg16" is for images of 32x32 only: at another size its weights do not fit (',
      ],
    ],
    ['convnext', 'flowers with 3 classes, ', []],
  ] as const)('%s predicts the same as in Keras, at each size', async (name, model, notes) => {
    const folder = await temporaryFolder();
    const out = join(folder, 'model');
    const expected = (
      JSON.parse((await fixture('applications.json')).toString()) as Record<
        string,
        Record<string, number[][]>
      >
    )[name]!;
    const { code, stdout, stderr } = await runCli([
      'import',
      'keras',
      await unpacked(`${name}.keras`, folder),
      ...(name === 'convnext' ? ['--image-size', '32'] : []),
      '--out',
      out,
    ]);
    const lines = stderr.split('\n').slice(0, -1);
    expect({ code, lines }).toEqual({
      code: 0,
      lines: notes.map((note) => expect.stringContaining(note) as string),
    });
    expect(stdout).toContain(`${out}: ${model}`);
    for (const [size, rows] of Object.entries(expected)) {
      const predicted = await runCli([
        'predict',
        out,
        ...(await images(folder, { height: Number(size), width: Number(size) })),
        ...['--image-size', size, '--override-contract', '--json', '--quiet'],
      ]);
      const received = (
        JSON.parse(predicted.stdout) as { predictions: { probabilities: number[] }[] }
      ).predictions.map(({ probabilities }) => probabilities);
      expect(received).toEqual(rows.map((row) => row.map((p) => expect.closeTo(p, 5) as number)));
    }
  });

  it.each([
    [
      'vgg16.keras',
      ['--image-size', '64'],
      'Model "vgg16" is for images of 32x32 only: at another size its weights do not fit (',
    ],
    [
      'convnext.keras',
      ['--scaling', 'torch'],
      'Option --scaling is torch, but the model of the file scales images itself; leave the option out.',
    ],
    [
      'convnext.keras',
      ['--rename', 'a=b'],
      'Option --rename is for files with weights alone; this file describes its layers.',
    ],
  ])('%s with %j is refused, and nothing is written', async (name, options, message) => {
    const folder = await temporaryFolder();
    const out = join(folder, 'model');
    const file = await unpacked(name, folder);
    const result = await runCli(['import', 'keras', file, ...options, '--out', out, '--quiet']);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(result.stderr.trimEnd()).not.toContain('\n');
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });
});

describe('the model in a Keras file comes from its configuration', () => {
  it.each([
    [
      'sigmoid',
      'sigmoid.keras',
      'resnet26v2 with 2 classes',
      'The classifier of the file gives the probability of the second class; the first has the rest.',
    ],
    ['size-100', 'size-100.keras', 'mobilenetv2 with 5 classes', ''],
    [
      'operations',
      'operations.keras',
      'mobilenetv2 with 5 classes',
      'The classifier of the file gives logits; the model takes their softmax. With --multi-label it takes the sigmoid of each.',
    ],
    ['multi-label', 'multi-label.keras', 'resnet26v2 with 3 classes', ownProbabilities],
  ])('%s needs no options', async (name, fileName, model, note) => {
    const folder = await temporaryFolder();
    const out = join(folder, 'model');
    const file = name === 'multi-label' ? 'multi-label.json' : 'expected.json';
    const { size, predictions } = (
      JSON.parse((await fixture(file)).toString()) as Record<string, Case>
    )[name]!;
    const { code, stdout, stderr } = await runCli([
      'import',
      'keras',
      await unpacked(fileName, folder),
      '--out',
      out,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: note === '' ? '' : `${note}\n` });
    expect(stdout).toContain(`${out}: ${model}, `);
    expect(stdout).toContain(
      ` arrays matched by configuration, used at ${size} pixels under resize\n`,
    );
    const predicted = await runCli([
      'predict',
      out,
      ...(await images(folder, { height: size, width: size })),
      '--json',
      '--quiet',
    ]);
    const received = (
      JSON.parse(predicted.stdout) as { predictions: { probabilities: number[] }[] }
    ).predictions.map(({ probabilities }) => probabilities);
    const theirs = predictions.map((row) =>
      name === 'sigmoid' ? [1 - row[0]!, row[0]!] : name === 'operations' ? softmax(row) : row,
    );
    expect(received).toEqual(theirs.map((row) => row.map((p) => expect.closeTo(p, 4) as number)));
  });

  it.each([
    [
      'sigmoid.keras',
      ['--classes', '1'],
      'The classifier of the file has one sigmoid output, which tells two classes apart; 1 were given by --classes or --class-names. --new-classifier leaves it out.',
    ],
    [
      'size-100.keras',
      ['--classes', '7'],
      'The classifier of the file has 5 classes; 7 were given by --classes or --class-names. --new-classifier leaves it out.',
    ],
    [
      'size-100.keras',
      ['--image-size', '96'],
      'Option --image-size is 96, but the layers of the file are padded for 100 pixels only; leave the option out.',
    ],
    [
      'nested.keras',
      ['--scaling', 'zero-one'],
      'Option --scaling is zero-one, but the model of the file computes x * 0.00784313725490196 + -1 itself; leave the option out.',
    ],
    [
      'nested.keras',
      ['--multi-label'],
      'Option --multi-label (multiLabel) does not fit classifier "flowers", which has 5 outputs and activation softmax; it must have at least two outputs, with activation sigmoid or none.',
    ],
    [
      'nested.keras',
      ['--arch', 'mobilenetv2'],
      'The model of the file is not a mobilenetv2: layer ',
    ],
    [
      'nested.keras',
      ['--width', '4', '--alpha', '1'],
      'Options --width and --alpha say the same; give one of them.',
    ],
    [
      'tf-keras.weights.h5',
      ['--classes', '5', '--scaling', 'zero-one'],
      'Option --arch is missing; "',
    ],
    [
      'tf-keras.weights.h5',
      ['--classes', '5', '--arch', 'mobilenetv2', '--alpha', '0.0625'],
      'The file does not say how the levels 0 to 255 of images are scaled; give --scaling: ',
    ],
  ])('%s with %j is refused, and nothing is written', async (name, options, message) => {
    const folder = await temporaryFolder();
    const out = join(folder, 'model');
    const { code, stdout, stderr } = await runCli([
      'import',
      'keras',
      await unpacked(name, folder),
      ...options,
      '--out',
      out,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr.trimEnd()).not.toContain('\n');
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });

  it('takes the sigmoid of logits with --multi-label', async () => {
    const folder = await temporaryFolder();
    const out = join(folder, 'model');
    const { size, predictions } = (
      JSON.parse((await fixture('multi-label.json')).toString()) as Record<string, Case>
    )['multi-label-logits']!;
    const file = await unpacked('multi-label-logits.keras', folder);
    const { code, stderr } = await runCli([
      ...['import', 'keras', file, '--multi-label', '--out', out],
    ]);
    const lines = stderr.trimEnd().split('\n');
    expect({ code, last: lines[0] }).toEqual({ code: 0, last: ownProbabilities });
    const photos = await images(folder, { height: size, width: size });
    const predicted = await runCli(['predict', out, ...photos, '--json', '--quiet']);
    const received = (
      JSON.parse(predicted.stdout) as { predictions: { probabilities: number[] }[] }
    ).predictions.map(({ probabilities }) => probabilities);
    expect(received).toEqual(
      predictions.map((row) => row.map((p) => expect.closeTo(p, 5) as number)),
    );
  });

  it('accepts the width of MobileNetV2 as a factor, as in Keras', async () => {
    const folder = await temporaryFolder();
    const options = [
      '--arch',
      'mobilenetv2',
      '--alpha',
      '0.0625',
      '--scaling',
      'zero-one',
      '--classes',
      '5',
      '--rename',
      'dense=predictions',
      '--quiet',
    ];
    const { code, stdout, stderr } = await runCli([
      'import',
      'keras',
      await unpacked('tf-keras.weights.h5', folder),
      ...options,
      '--out',
      join(folder, 'model'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('mobilenetv2 with 5 classes, 262 arrays matched by ');
  });
});
