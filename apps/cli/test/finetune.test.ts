import { policyAt } from '@fixres/runs/report';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModelFolder, saveModelFolder } from '@fixres/models/node';
import { parseEvents, type RunEvent, type Summary } from '@fixres/runs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, suiteFolder, temporaryFolder } from './run-cli.ts';

let photos: string;
let trained: string;

/** Writes class folders with small pictures of a single colour. */
async function colours(folder: string, classes: readonly string[]): Promise<string> {
  for (const [i, name] of classes.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let n = 0; n < 20; n++) {
      const level = (channel: number): number => (channel === i ? 200 - 3 * n : 40 + 4 * n);
      const background = { r: level(0), g: level(1), b: level(2) };
      await sharp({ create: { width: 50 + n, height: 44, channels: 3, background } })
        .png()
        .toFile(join(folder, name, `${n}.png`));
    }
  }
  return folder;
}

/**
 * A model not created by fixres: for images of 32 pixels, a nested trunk, norms inside and after
 * it, logits, no card.
 */
function ownModel(classes: number): LayersModel {
  const { conv2d, batchNormalization, activation, globalAveragePooling2d, dense, rescaling } =
    layers;
  const seed = (n: number) => ({ kernelInitializer: initializers.glorotUniform({ seed: n }) });
  const trunk = sequential({
    name: 'backbone',
    layers: [
      rescaling({ scale: 1 / 255, offset: 0, inputShape: [32, 32, 3], name: 'scale' }),
      conv2d({ ...seed(1), filters: 6, kernelSize: 3, strides: 2, name: 'conv_a' }),
      batchNormalization({ name: 'norm_a' }),
      activation({ activation: 'relu', name: 'relu_a' }),
      conv2d({ ...seed(2), filters: 8, kernelSize: 3, strides: 2, name: 'conv_b' }),
      batchNormalization({ name: 'norm_b' }),
      activation({ activation: 'relu', name: 'relu_b' }),
    ],
  });
  const image = input({ shape: [32, 32, 3], name: 'image' });
  const pooled = globalAveragePooling2d({ dataFormat: 'channelsLast', name: 'pool' }).apply(
    trunk.apply(image),
  );
  const normed = batchNormalization({ name: 'norm_top' }).apply(pooled);
  return model({
    name: 'own',
    inputs: image,
    outputs: dense({ ...seed(3), units: classes, name: 'top' }).apply(normed) as SymbolicTensor,
  });
}

async function eventsOf(run: string): Promise<RunEvent[]> {
  return parseEvents(await readFile(join(run, 'events.jsonl'), 'utf8'));
}

function only<T extends RunEvent['type']>(
  events: RunEvent[],
  type: T,
): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

/** Names and values of a model's weights. */
async function weightsOf(folder: string): Promise<Map<string, Float32Array>> {
  const { model: loaded } = await loadModelFolder(folder);
  const weights = new Map(
    loaded.weights.map((variable) => [
      variable.originalName,
      variable.read().dataSync<'float32'>().slice(),
    ]),
  );
  loaded.dispose();
  return weights;
}

beforeAll(async () => {
  await tf.setBackend('cpu');
  const folder = await suiteFolder();
  photos = await colours(join(folder, 'photos'), ['blue', 'green', 'red']);
  trained = join(folder, 'trained');
  const { code, stderr } = await runCli([
    'train',
    photos,
    ...'--model resnet14v2 --width 4 --image-size 32 --epochs 2 --batch-size 20 --seed-count 1'.split(
      ' ',
    ),
    '--out',
    trained,
  ]);
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
});

describe('fixres train', () => {
  it('writes a run with one model, its card, predictions and a report', async () => {
    expect((await readdir(trained)).sort()).toEqual(
      expect.arrayContaining([
        'config.json',
        'events.jsonl',
        'models',
        'predictions',
        'report.html',
        'summary.json',
      ]),
    );
    expect(await readdir(join(trained, 'models'))).toEqual(['trained-seed0']);
    const { card, model: loaded } = await loadModelFolder(join(trained, 'models', 'trained-seed0'));
    expect(card).toMatchObject({
      classNames: ['blue', 'green', 'red'],
      architecture: { name: 'resnet14v2' },
      contract: { input: { width: 32, height: 32 } },
    });
    expect(loaded.outputs[0]!.shape).toEqual([null, 3]);
    loaded.dispose();
    const { arms } = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect(
      arms.map(({ name, trainSize, epochs, freeze }) => ({ name, trainSize, epochs, freeze })),
    ).toEqual([{ name: 'trained', trainSize: 32, epochs: 2, freeze: 'all' }]);
  });

  it.each([
    [
      ['--epochs', '0'],
      "option '--epochs <n>' argument '0' is invalid. It must be a whole number from 1 to 10000.",
    ],
    [
      ['--init-from', 'runs/x', '--width', '8'],
      "option '--init-from <model|run>' cannot be used with option '--width <channels>'",
    ],
    [['--init-from', 'nowhere'], 'nowhere" is neither a model folder'],
    [
      ['--model', 'vgg'],
      "error: option '--model <name>' argument 'vgg' is invalid. Allowed choices are resnet14v2, resnet26v2, ",
    ],
    [
      ['--learning-rate', 'fast'],
      "option '--learning-rate <rate>' argument 'fast' is invalid. It must be a number above 0.",
    ],
    [['--train-policy', 'squash'], 'Policy "squash" does not exist'],
  ])('reports the problem with %j', async (options, message) => {
    const { code, stderr } = await runCli([
      'train',
      photos,
      ...options,
      '--out',
      join(await temporaryFolder(), 'run'),
    ]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the weights of the best epoch', () => {
  it('are used with --best', async () => {
    const own = await temporaryFolder();
    const run = join(own, 'run');
    // No epoch improves by this much, while the statistics change.
    const experiment = {
      version: 1,
      dataset: photos,
      model: { name: 'resnet14v2', width: 4 },
      batchSize: 20,
      normStatistics: 'running',
      arms: [
        {
          name: 'only',
          trainPolicy: { policy: 'resizeFlip', size: 32 },
          testPolicy: { policy: 'resize', size: 32 },
          epochs: 3,
          schedule: { type: 'step', rate: 0.001, factor: 1e-30, every: 1 },
          earlyStopping: { patience: 3, minDelta: 1, restoreBest: false },
        },
      ],
    };
    await writeFile(join(own, 'experiment.yaml'), JSON.stringify(experiment));
    expect(
      await runCli(['run', join(own, 'experiment.yaml'), '--out', run, '--quiet']),
    ).toMatchObject({ code: 0 });
    const bytes = await readFile(
      join(run, 'checkpoints', 'only-seed0', 'best', 'weights.safetensors'),
    );
    const header = 8 + Number(bytes.readBigUInt64LE());
    const {
      'post_bn/moving_mean': {
        data_offsets: [from, to],
      },
    } = JSON.parse(bytes.subarray(8, header).toString()) as Record<
      'post_bn/moving_mean',
      { data_offsets: [number, number] }
    >;
    const best = new Float32Array(
      Uint8Array.from(bytes.subarray(header + from, header + to)).buffer,
    );
    const exported = async (...more: string[]): Promise<Float32Array> => {
      const out = join(own, `out${more.length}`);
      expect(
        await runCli(['export', run, '--format', 'tfjs', '--out', out, '--quiet', ...more]),
      ).toMatchObject({ code: 0, stderr: '' });
      return (await weightsOf(out)).get('post_bn/moving_mean')!;
    };
    expect(await exported('--best')).toEqual(best);
    expect(await exported()).not.toEqual(best);
    const stored = await runCli([
      'export',
      join(own, 'out0'),
      '--best',
      '--format',
      'tfjs',
      '--out',
      join(own, 'none'),
    ]);
    expect(stored).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `error: Option --best goes with models of a run; "${join(own, 'out0')}" stands alone.\n`,
    });
  });
});

describe('fixres train --init-from', () => {
  it('starts with the weights of a finished run, and keeps its split', async () => {
    const out = join(await temporaryFolder(), 'run');
    // So slowly that only the statistics change.
    const options =
      '--image-size 32 --epochs 1 --batch-size 20 --learning-rate 1e-30 --norm-statistics running --json'.split(
        ' ',
      );
    const { code, stdout, stderr } = await runCli([
      'train',
      photos,
      '--init-from',
      trained,
      ...options,
      '--out',
      out,
    ]);
    expect({ code, errors: stderr.includes('error') }).toEqual({ code: 0, errors: false });
    expect((JSON.parse(stdout) as Summary).arms[0]!.description).toBe(
      `Initialised from ${trained}, trained at 32 px.`,
    );
    const [before, after] = [
      await weightsOf(join(trained, 'models', 'trained-seed0')),
      await weightsOf(join(out, 'models', 'trained-seed0')),
    ];
    expect(after.get('predictions/kernel')).toEqual(before.get('predictions/kernel'));
    expect(after.get('post_bn/moving_mean')).not.toEqual(before.get('post_bn/moving_mean'));
    const heldOut = async (run: string): Promise<unknown> =>
      (JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as { images: unknown }).images;
    expect(await heldOut(out)).toEqual(await heldOut(trained));
  });
});

describe('images that a model was trained on', () => {
  it('are recognised by content under any path and name, including those of earlier models in the chain', async () => {
    const own = await temporaryFolder();
    const moved = join(own, 'elsewhere');
    for (const name of ['blue', 'green', 'red']) {
      await mkdir(join(moved, name), { recursive: true });
      for (const file of await readdir(join(photos, name)))
        await copyFile(join(photos, name, file), join(moved, name, `new-${file}`));
    }
    const trainedOn = (await readFile(join(trained, 'images.csv'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('train,'));
    expect(trainedOn).toHaveLength(54);
    const tuned = join(own, 'tuned');
    const tune = await runCli([
      'finetune',
      trained,
      moved,
      ...'--epochs 1 --batch-size 20 --held-out 0.5 --quiet'.split(' '),
      '--out',
      tuned,
    ]);
    expect(tune.code).toBe(0);
    const [, known, heldOut] =
      /^warning: The model was trained on (\d+) of the (\d+) held-out images, so accuracies are too high; its run held out 0\.1 of the images of .*photos\.$/m
        .exec(tune.stderr)!
        .map(Number);
    expect(heldOut).toBe(30);
    expect(known).toBeGreaterThanOrEqual(24);
    // All training images of the fine-tuned model are known: half from its own run, the others from
    // the run it was initialised from.
    const { stdout, stderr } = await runCli([
      'evaluate',
      tuned,
      moved,
      '--split',
      'all',
      '--arm',
      'finetuned',
      '--json',
      '--quiet',
    ]);
    const { images } = JSON.parse(stdout) as { images: { trainedOn: number; count: number } };
    expect(images.count).toBe(60);
    expect(images.trainedOn).toBeGreaterThanOrEqual(54);
    expect(stderr).toContain(`warning: ${images.trainedOn} of the 60 images were trained on`);
  });
});

describe('fixres finetune', () => {
  it('fine-tunes a run at a larger size on cached features, next to the original model, and verifies frozen layers', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stdout, stderr } = await runCli([
      'finetune',
      trained,
      photos,
      ...'--image-size 48 --epochs 3 --batch-size 20 --json'.split(' '),
      '--out',
      out,
    ]);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(stderr).toContain(
      'The frozen layers up to conv5_block1_out run once per view: feature maps [2, 2, 128] of 108 views',
    );
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.arms.map(({ name, epochs, freeze }) => [name, epochs, freeze])).toEqual([
      ['given', 0, 'classifier'],
      ['finetuned', 3, 'classifier+last-bn'],
    ]);
    // fixresTest: floor(48 / 32 * 48) = 72, then the centre 48.
    expect(summary.arms[1]!.evaluations.map(policyAt)).toEqual(['resize@32', 'fixresTest@48']);
    expect(summary.comparisons.map(({ a, b, policy }) => [a, b, policy])).toEqual([
      ['finetuned', 'given', 'own'],
      ['finetuned', 'given', 'fixresTest@48'],
    ]);
    const events = await eventsOf(out);
    expect(
      only(events, 'feature-cache').map(({ arm, where, form, exact }) => [arm, where, form, exact]),
    ).toEqual([['finetuned', 'memory', 'maps', true]]);
    expect(only(events, 'frozen-verified').map(({ moved }) => moved)).toEqual([0, 6]);
    const before = await weightsOf(join(trained, 'models', 'trained-seed0'));
    const after = await weightsOf(join(out, 'models', 'finetuned-seed0'));
    const changed = [...before].filter(
      ([name, values]) =>
        Buffer.compare(Buffer.from(values.buffer), Buffer.from(after.get(name)!.buffer)) !== 0,
    );
    expect(changed.map(([name]) => name).sort()).toEqual([
      'post_bn/beta',
      'post_bn/gamma',
      'post_bn/moving_mean',
      'post_bn/moving_variance',
      'predictions/bias',
      'predictions/kernel',
    ]);
    const { card } = await loadModelFolder(join(out, 'models', 'finetuned-seed0'));
    expect(card).toMatchObject({
      classNames: ['blue', 'green', 'red'],
      contract: { resize: { width: 72 }, crop: { width: 48 }, input: { width: 48 } },
    });
    expect((await readdir(out)).filter((name) => name.startsWith('features'))).toEqual([]);
  });

  it('gets the same weights with and without cached features', async () => {
    const folder = await temporaryFolder();
    const options =
      '--image-size 40 --epochs 3 --batch-size 18 --freeze classifier --deterministic --quiet'.split(
        ' ',
      );
    // A compiled trunk computes cached features if available.
    const env = { FIXRES_ENGINE: undefined };
    const weights = [];
    for (const mode of ['auto', 'off']) {
      const out = join(folder, mode);
      const { code } = await runCli(
        ['finetune', trained, photos, ...options, '--feature-cache', mode, '--out', out],
        { env },
      );
      expect(code).toBe(0);
      const [plan] = only(await eventsOf(out), 'feature-cache').filter(
        ({ arm }) => arm === 'finetuned',
      );
      expect([plan!.form, plan!.where]).toEqual([
        'vectors',
        mode === 'auto' ? 'memory' : 'nowhere',
      ]);
      weights.push(await weightsOf(join(out, 'models', 'finetuned-seed0')));
    }
    for (const [name, values] of weights[0]!) {
      const other = weights[1]!.get(name)!;
      const largest = Math.max(...values.map(Math.abs));
      // A single expectation for all values of a variable, because there are a hundred thousand.
      const furthest = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - other[i]!)),
        0,
      );
      expect(furthest, name).toBeLessThanOrEqual(1e-5 * largest);
    }
  });

  it('fine-tunes a foreign model: fixed size, nested trunk, several norms, other classes, no card', async () => {
    const folder = await temporaryFolder();
    const own = ownModel(7);
    const ownFolder = join(folder, 'own');
    await saveModelFolder(own, ownFolder, { version: 1 });
    own.dispose();
    const out = join(folder, 'run');
    const args = [
      'finetune',
      ownFolder,
      photos,
      ...'--image-size 48 --epochs 4 --batch-size 8 --learning-rate 0.01 --freeze classifier+last-bn --json'.split(
        ' ',
      ),
      '--out',
      out,
    ];
    const { code, stdout, stderr } = await runCli(args);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.arms.map(({ name }) => name)).toEqual(['finetuned']);
    const events = await eventsOf(out);
    // The classifier, and gamma, beta and statistics of the last norm.
    expect(only(events, 'frozen-verified')[0]).toMatchObject({ frozen: 12, moved: 6 });
    expect(only(events, 'feature-cache')[0]).toMatchObject({
      where: 'memory',
      form: 'vectors',
      cut: 'pool',
      shape: [8],
    });
    const { curves } = summary.arms[0]!;
    expect(curves[0]!.epochs.at(-1)!.loss).toBeLessThan(curves[0]!.epochs[0]!.loss);
    const tuned = join(out, 'models', 'finetuned-seed0');
    const [before, after] = [await weightsOf(ownFolder), await weightsOf(tuned)];
    for (const [name, values] of before)
      if (/_a|_b/.test(name)) expect(after.get(name), name).toEqual(values);
    const { model: loaded, card } = await loadModelFolder(tuned);
    expect([loaded.inputs[0]!.shape, loaded.outputs[0]!.shape]).toEqual([
      [null, 48, 48, 3],
      [null, 3],
    ]);
    expect(card.classNames).toEqual(['blue', 'green', 'red']);
    loaded.dispose();
    const predicted = await runCli(['predict', tuned, join(photos, 'red', '1.png'), '--json']);
    expect(JSON.parse(predicted.stdout)).toMatchObject({
      predictions: [
        {
          top: expect.any(Array) as unknown[],
          probabilities: [expect.any(Number), expect.any(Number), expect.any(Number)],
        },
      ],
    });
  });

  it('gives a model with other classes a new classifier, and reports this', async () => {
    const folder = await temporaryFolder();
    const others = await colours(join(folder, 'others'), ['cyan', 'magenta', 'yellow']);
    const out = join(folder, 'run');
    const { code, stderr } = await runCli([
      'finetune',
      trained,
      others,
      ...'--epochs 2 --batch-size 20'.split(' '),
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'The model knows 3 other classes (blue, green, red); it gets a new classifier for the 3 classes of others.',
    );
    expect(await readdir(join(out, 'models'))).toEqual(['finetuned-seed0']);
    const { card } = await loadModelFolder(join(out, 'models', 'finetuned-seed0'));
    expect(card).toMatchObject({
      classNames: ['cyan', 'magenta', 'yellow'],
      architecture: { options: { classes: 3 } },
    });
    const [before, after] = [
      await weightsOf(join(trained, 'models', 'trained-seed0')),
      await weightsOf(join(out, 'models', 'finetuned-seed0')),
    ];
    expect(after.get('conv5_block1_3_conv/kernel')).toEqual(
      before.get('conv5_block1_3_conv/kernel'),
    );
    expect(after.get('predictions/kernel')).not.toEqual(before.get('predictions/kernel'));
  });

  it('moves the scaling and the order of colours of a contract into the model', async () => {
    const folder = await temporaryFolder();
    const own = ownModel(3);
    const resize = { rule: 'both-sides', width: 32, height: 32 };
    const contract = {
      version: 1,
      resize,
      interpolation: 'bilinear',
      antialias: true,
      normalisation: { kind: 'mean-std', mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
      channelOrder: 'bgr',
      layout: 'NHWC',
      input: { width: 32, height: 32 },
    };
    await saveModelFolder(own, join(folder, 'own'), {
      version: 1,
      contract,
      classNames: ['blue', 'green', 'red'],
    });
    const out = join(folder, 'run');
    const { code } = await runCli([
      'finetune',
      join(folder, 'own'),
      photos,
      ...'--epochs 1 --batch-size 20'.split(' '),
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    const { model: given, card } = await loadModelFolder(join(out, 'models', 'given-seed0'));
    expect(card.contract).toMatchObject({
      normalisation: { scale: 1, offset: 0 },
      input: { width: 32 },
    });
    expect(card.contract).not.toHaveProperty('channelOrder');
    tf.tidy(() => {
      const levels = tf.randomUniform([2, 32, 32, 3], 0, 255, 'float32', 4);
      const centred = tf.sub(tf.div(tf.reverse(levels, -1), 255), tf.tensor1d([0.4, 0.5, 0.6]));
      const expected = own.predict(tf.div(centred, tf.tensor1d([0.2, 0.3, 0.4]))) as tf.Tensor;
      expect(
        tf.max(tf.abs(tf.sub(given.predict(levels) as tf.Tensor, expected))).dataSync()[0],
      ).toBeLessThan(1e-4);
    });
    for (const disposable of [own, given]) disposable.dispose();
  });

  it.each([
    [['--freeze', 'everything'], 'Allowed choices are classifier'],
    [['--image-size', '16', '--test-policy', 'fixresTest'], 'must be at least trainSize'],
    [
      ['--batch-size', '1'],
      "option '--batch-size <images>' argument '1' is invalid. It must be a whole number from 2 to 4096.",
    ],
    [['--test-policy', 'randomResizedCrop'], 'randomResizedCrop'],
  ])('reports the problem with %j', async (options, message) => {
    const { code, stderr } = await runCli([
      'finetune',
      trained,
      photos,
      ...options,
      '--out',
      join(await temporaryFolder(), 'run'),
    ]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('reports a place without a model', async () => {
    const { code, stderr } = await runCli(['finetune', photos, photos, '--image-size', '32']);
    expect(stderr).toContain(
      `"${photos}" is neither a model folder (with model.json) nor a run folder`,
    );
    expect(code).toBe(2);
  });
});

describe('fixres run', () => {
  const arm = (size: number): string => `
  - name: tuned
    trainPolicy: { policy: resizeFlip, size: ${size} }
    testPolicy: { policy: resize, size: ${size} }
    epochs: 2
    learningRate: 1e-3
    freeze: classifier+last-bn
  - { name: longer, initFrom: tuned, trainPolicy: { policy: resizeFlip, size: ${size} }, testPolicy: { policy: resize, size: ${size} }, epochs: 1, learningRate: 1e-3 }
`;

  it('fine-tunes a model from a folder next to the experiment file, and reports its activations before and after', async () => {
    const folder = await temporaryFolder();
    const stored = join(folder, 'stored');
    await cp(join(trained, 'models', 'trained-seed0'), stored, { recursive: true });
    const file = join(folder, 'experiment.yaml');
    await writeFile(
      file,
      `version: 1\ndataset: ${photos}\nmodel: { folder: stored }\nbatchSize: 20\nactivations: { images: 4 }\narms:${arm(48)}`,
    );
    const out = join(folder, 'run');
    const { code, stdout } = await runCli(['run', file, '--json', '--out', out]);
    expect(code).toBe(0);
    const { arms } = JSON.parse(stdout) as Summary;
    const activations = arms.flatMap(({ name, activations: records = [] }) =>
      records.map((record) => ({ arm: name, ...record })),
    );
    expect(
      activations.map(({ arm: of, state, policy, size, images, layer }) => [
        of,
        state,
        policyAt({ policy, size }),
        images,
        layer,
      ]),
    ).toEqual([
      ['tuned', 'stored', 'resize@48', 4, 'post_relu'],
      ['tuned', 'trained', 'resize@48', 4, 'post_relu'],
      ['longer', 'trained', 'resize@48', 4, 'post_relu'],
    ]);
    expect(activations[0]!.map.mean).not.toBe(activations[1]!.map.mean);
    expect(only(await eventsOf(out), 'activations')).toMatchObject(activations);
    const [before, after] = [
      await weightsOf(stored),
      await weightsOf(join(out, 'models', 'tuned-seed0')),
    ];
    expect(after.get('conv1_conv/kernel')).toEqual(before.get('conv1_conv/kernel'));
    expect(after.get('predictions/kernel')).not.toEqual(before.get('predictions/kernel'));
    const { experiment } = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as {
      experiment: unknown;
    };
    expect(experiment).toMatchObject({
      model: { folder: stored, imageSize: 48, newClassifier: 'if-needed' },
    });
  });

  it('refuses a folder without a model, and sizes that the model does not support', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'experiment.yaml');
    const refused = async (model: string, arms: string, message: RegExp): Promise<void> => {
      await writeFile(file, `version: 1\ndataset: ${photos}\nmodel: ${model}\n${arms}`);
      const { code, stderr } = await runCli(['run', file, '--out', join(folder, 'run')]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    };
    await refused(
      '{ folder: nowhere }',
      `arms:${arm(48)}`,
      /^error: ".*nowhere" is neither a model folder \(with model\.json\) nor a run folder/,
    );
    await refused(
      '{ folder: nowhere }',
      'preset: quick',
      /A preset creates its model; only arms and grids can initialise from a folder\.\n$/,
    );
    const own = ownModel(3);
    await saveModelFolder(own, join(folder, 'own'), { version: 1 });
    own.dispose();
    await refused(
      '{ folder: own }',
      `evaluations: [{ policy: resize, size: 64 }]\narms:${arm(48)}`,
      /^error: The model in ".*own" is used at one size, 48 pixels; the experiment has 48, 64\.\n$/m,
    );
  });
});
