import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  planResolution,
  randomResizedCrop,
  resize,
  shiftedCrop,
  shortSideCrop,
  type Size,
  withRandomFlip,
} from '@fixres/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluationKey } from '../experiment/experiment.ts';
import { fixresExperiment, fixresPresets } from '../experiment/fixres-experiment.ts';
import { sizeChoice, withChosenSizes } from '../experiment/measured-size.ts';
import { presetWidth } from '../experiment/preset-width.ts';
import { writtenExperiment } from './written-experiment.ts';
import { experimentJsonSchema } from './experiment-json-schema.ts';
import {
  parseExperiment,
  readExperimentFile,
} from '../node/experiment-file/parse-experiment-file.ts';
import { changeExperiment } from '../node/experiment-file/change-experiment.ts';
import { resolveExperiment } from '../node/experiment-file/resolve-experiment.ts';

const photos: Size[] = [
  { width: 320, height: 240 },
  { width: 240, height: 320 },
];

function resolved(value: object): ReturnType<typeof resolveExperiment> {
  return resolveExperiment(parseExperiment({ version: 1, dataset: 'x', ...value }), () =>
    Promise.resolve(photos),
  );
}

const noSizes = (): Promise<never> => Promise.reject(new Error('No image sizes are needed.'));

const base = {
  name: 'base',
  trainPolicy: { policy: 'randomResizedCrop', size: 128 },
  testPolicy: { policy: 'resize', size: 128 },
  epochs: 2,
  learningRate: 0.1,
};
const equal = { ...base, name: 'equal', epochs: undefined, cost: { equalTo: 'base' } };
const tuned = {
  name: 'tuned',
  initFrom: 'base',
  trainPolicy: { policy: 'shiftedCrop', size: 'matched' },
  testPolicy: { policy: 'shortSideCrop', size: 'matched' },
  epochs: 1,
  learningRate: 0.01,
};

const measured = {
  ...tuned,
  trainPolicy: { policy: 'shiftedCrop', size: 'measured', flip: true },
  testPolicy: { policy: 'shortSideCrop', size: 'measured' },
};

async function file(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-experiment-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('readExperimentFile', () => {
  it('reads YAML, including merge keys, and JSON', async () => {
    const yaml = `
version: 1
dataset: { source: photos, heldOut: 0.2 }
arms:
  - &base
    name: base
    trainPolicy: { policy: resizeFlip, size: 64 }
    testPolicy: { policy: resize, size: 64 }
    epochs: 3
    learningRate: 1e-3
  - <<: *base
    name: longer
    epochs: 6
`;
    const content = await readExperimentFile(await file('e.yaml', yaml));
    expect(
      content.arms!.map(({ name, epochs, trainPolicy }) => [name, epochs, trainPolicy]),
    ).toEqual([
      ['base', 3, { policy: 'resizeFlip', size: 64 }],
      ['longer', 6, { policy: 'resizeFlip', size: 64 }],
    ]);
    expect(await readExperimentFile(await file('e.json', JSON.stringify(content)))).toEqual(
      content,
    );
  });

  it('reports where a file is wrong', async () => {
    await expect(readExperimentFile('nowhere.yaml')).rejects.toMatchObject({
      code: 'bad-experiment',
      message: 'Experiment file "nowhere.yaml" does not exist.',
    });
    await expect(readExperimentFile(await file('e.yaml', 'version: [1'))).rejects.toThrow(
      /e\.yaml" is neither YAML nor JSON: .*line 1/,
    );
    await expect(
      readExperimentFile(await file('e.yaml', 'version: 1\npreset: quick\n')),
    ).rejects.toThrow(/e\.yaml": dataset: .*/);
  });
});

describe('a measured size', () => {
  const listed = {
    ...measured,
    testPolicy: { policy: 'shortSideCrop', size: { measured: [160, 128] } },
  };

  it('has the policies of every candidate, and provisional ones until it is chosen', async () => {
    const { arms, evaluations } = await resolved({ arms: [base, listed] });
    const { measuredSize, trainPolicy, testPolicy } = arms[1]!;
    expect(measuredSize!.candidates).toEqual([
      { trainPolicy: withRandomFlip(shiftedCrop(128)), testPolicy: shortSideCrop(128) },
      { trainPolicy: withRandomFlip(shiftedCrop(160)), testPolicy: shortSideCrop(160) },
    ]);
    expect([trainPolicy, testPolicy].map(({ name, output }) => [name, output.width])).toEqual([
      ['shiftedCrop+flip-measured', 160],
      ['shortSideCrop-measured', 160],
    ]);
    expect(evaluations.map(evaluationKey)).toEqual(['resize@128', 'shortSideCrop-measured@160']);
  });

  it('has the train size, sizes up to 7/4 of it and the matched size as candidates', async () => {
    const { arms } = await resolved({ arms: [base, tuned, { ...measured, name: 'measured' }] });
    const sizes = arms[2]!.measuredSize!.candidates.map(
      ({ testPolicy }) => testPolicy.output.width,
    );
    expect(sizes).toEqual(
      [...new Set([128, 160, 192, 224, arms[1]!.testPolicy.output.width])].sort((a, b) => a - b),
    );
  });

  it('has candidates that are named like fixed sizes if they depend on the train size', async () => {
    const wide = {
      ...base,
      name: 'wide',
      trainPolicy: { policy: 'randomResizedCrop', size: 96 },
      testPolicy: { policy: 'resize', size: 96 },
    };
    const fixed = { ...tuned, testPolicy: { policy: 'fixresTest', size: 160 } };
    const { arms } = await resolved({
      arms: [
        base,
        wide,
        { ...fixed, name: 'of-wide', initFrom: 'wide', trainPolicy: base.trainPolicy },
        { ...listed, testPolicy: { policy: 'fixresTest', size: { measured: [128, 160] } } },
      ],
    });
    expect(evaluationKey(arms[2]!.testPolicy)).toBe('fixresTest-from96@160');
    expect(
      arms[3]!.measuredSize!.candidates.map(({ testPolicy }) => evaluationKey(testPolicy)),
    ).toEqual(['fixresTest@128', 'fixresTest-from128@160']);
  });

  it('leaves a train policy of a fixed size as it is', async () => {
    const fixed = { ...listed, trainPolicy: { policy: 'shiftedCrop', size: 144 } };
    const { arms } = await resolved({ arms: [base, fixed] });
    expect(arms[1]!.trainPolicy).toEqual(shiftedCrop(144));
  });

  it('is measured again by the file of an experiment, whatever was chosen', async () => {
    const experiment = await resolved({ arms: [base, listed] });
    const { measuredSize } = experiment.arms[1]!;
    const choice = sizeChoice(
      { from: 'base', seed: 0, images: 9 },
      measuredSize!.candidates.map((each, i) => ({ ...each, correct: 9 - i })),
    );
    const chosen = withChosenSizes(experiment, new Map([['tuned', choice]]));
    for (const each of [experiment, chosen]) {
      const { arms } = await resolved({ ...writtenExperiment(each) });
      expect(arms).toEqual(experiment.arms);
    }
  });
});

describe('a file of an earlier version', () => {
  const { trainPolicy, ...rest } = base;
  const old = {
    version: 1,
    dataset: 'x',
    arms: [{ ...rest, train: trainPolicy, average: true }],
    seeds: 2,
  };

  it('is read, with a note for each renamed key', async () => {
    const path = await file('e.yaml', JSON.stringify(old));
    const lines: string[] = [];
    const content = await readExperimentFile(path, { onRenamed: (line) => lines.push(line) });
    expect(content).toMatchObject({ arms: [{ ...base, ema: true }], seedCount: 2 });
    expect(lines).toEqual([
      `Experiment file "${path}": arms[].train is now called trainPolicy.`,
      `Experiment file "${path}": arms[].average is now called ema.`,
      `Experiment file "${path}": The number of seeds is now called seedCount; seeds is a list.`,
    ]);
    expect(parseExperiment(old)).toMatchObject({ seedCount: 2 });
  });

  it('may not have a key under both names', async () => {
    const path = await file('e.yaml', JSON.stringify({ ...old, seedCount: 3 }));
    await expect(readExperimentFile(path)).rejects.toMatchObject({
      code: 'bad-experiment',
      message: `Experiment file "${path}": The experiment has seeds and seedCount, which is its new name; remove seeds.`,
    });
  });
});

describe('parseExperiment', () => {
  it.each([
    [
      { preset: 'fast' },
      /preset is "fast": Invalid option: expected one of "quick"\|"keras"\|"paper"\|"matched"/,
    ],
    [{ preset: 'quick', bachSize: 3 }, /Unrecognized key: "bachSize"/],
    ...(
      [
        ['matchd', ' is "matchd": .*such as 192x256, or .*"matched"'],
        ['96 x 128', ' is "96 x 128": .*such as 192x256, or '],
        ['96x7', ' is "96x7": expected sides from 8 to 4096 pixels'],
        [{ height: 96 }, String.raw`\.width: expected number, received undefined`],
        [{ height: 5000, width: 96 }, String.raw`\.height is 5000: Too big`],
      ] as const
    ).map(([size, message]): [object, RegExp] => [
      { arms: [{ ...base, testPolicy: { policy: 'resize', size } }] },
      new RegExp(String.raw`arms\[0\]\.testPolicy\.size${message}`),
    ]),
    [
      { arms: [{ ...base, epochs: undefined }] },
      /arms\[0\]: Exactly one of epochs and cost must be given/,
    ],
    [
      { arms: [base, { ...base, name: 'b', cost: { equalTo: 'base' } }] },
      /arms\[1\]: Exactly one of epochs and cost must be given/,
    ],
    [
      { arms: [base, { ...equal, steps: 4 }] },
      /arms\[1\]: steps follow from cost; give one of them/,
    ],
    [{ arms: [base, { ...equal, cost: 'base' }] }, /arms\[1\]\.cost is "base": expected object/],
    [{ arms: [{ ...base, steps: 0 }] }, /arms\[0\]\.steps is 0/],
    [
      { arms: [{ ...base, epochs: -1 }] },
      /arms\[0\]\.epochs is -1: Too small: expected number to be >=0/,
    ],
    [
      { grid: { train: { trainPolicy: 'resize', imageSizes: [64], epochs: 0, learningRate: 1 } } },
      /epochs is 0: Too small: expected number to be >=1/,
    ],
    [{ arms: [base], normStatistics: 'exact' }, /normStatistics is "exact"/],
    [{ arms: [base], normImages: 0 }, /normImages is 0: Too small: expected number to be >=1/],
    [
      { arms: [{ ...base, trainPolicy: { policy: 'resize', size: 'big' } }] },
      /arms\[0\]\.trainPolicy\.size/,
    ],
    [
      { arms: [{ ...base, schedule: { type: 'step', rate: 1, every: 0.5 } }] },
      /arms\[0\]\.schedule\.every is 0\.5/,
    ],
    [{ arms: [{ ...base, name: '../up' }] }, /arms\[0\]\.name is "\.\.\/up"/],
    [
      { arms: [{ ...base, trainPolicy: { ...resize(128), name: '../up' } }] },
      /arms\[0\]\.trainPolicy/,
    ],
    [
      { arms: [{ ...base, freeze: { name: '../up', rules: [], otherwise: 'train' } }] },
      /arms\[0\]\.freeze/,
    ],
    [{}, /Exactly one of preset, arms and grid must be given/],
    [{ preset: 'quick', arms: [base] }, /Exactly one of preset, arms and grid/],
    [{ arms: [base], finetuneEpochs: 2 }, /require a preset/],
    [{ preset: 'quick', model: { folder: 'x' } }, /A preset creates its model/],
    [{ preset: 'quick', seeds: { until: { excludes0: 'fixres' } } }, /seeds/],
    [{ preset: 'quick', seeds: { until: { excludes0: 'a - b' }, max: 3 } }, /seeds/],
    [{ preset: 'quick', seeds: { until: { difference: 'a - b', halfWidth: 0 } } }, /seeds/],
    [{ preset: 'quick', seeds: [0], seedCount: 2 }, /give it or the list seeds, not both/],
    [{ arms: [base], model: { folder: 'x', width: 8 } }, /Unrecognized key: "width"/],
    [{ arms: [base], activations: { images: 0 } }, /activations\.images is 0/],
    [{ arms: [{ ...base, mix: { mixup: 0 } }] }, /arms\[0\]\.mix\.mixup is 0/],
    [
      { arms: [{ ...base, trainPolicy: { policy: 'resize', size: 64, augment: ['blur'] } }] },
      /arms\[0\]\.trainPolicy\.augment\[0\] is "blur"/,
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parseExperiment({ version: 1, dataset: 'x', ...value })).toThrow(message);
  });
});

describe('resolveExperiment', () => {
  it('creates the same experiment from a preset as code does, with other sizes and epochs', async () => {
    const settings = {
      ...fixresPresets.quick,
      small: 48,
      epochs: 3,
      width: 8,
      batchSize: 16,
      seedCount: 2,
    };
    const file = {
      preset: 'quick',
      sizes: { small: 48 },
      epochs: 3,
      model: { width: 8 },
      batchSize: 16,
      seedCount: 2,
    };
    expect(await resolved(file)).toEqual(fixresExperiment(settings));
  });

  it('takes rectangles as height x width or as an object, and squares in each form', async () => {
    const wide = { height: 96, width: 128 };
    const { arms, evaluations } = await resolved({
      arms: [
        {
          ...base,
          trainPolicy: { policy: 'randomResizedCrop', size: '96x128' },
          testPolicy: { policy: 'resize', size: wide },
          progressive: { from: '64x96', stages: 2 },
        },
        {
          ...tuned,
          trainPolicy: { policy: 'fixresFinetune', size: '160x192' },
          testPolicy: { policy: 'fixresTest', size: '160x192' },
        },
      ],
      evaluations: [{ policy: 'shortSideCrop', size: '128x128' }],
    });
    expect(arms[0]).toMatchObject({
      trainPolicy: randomResizedCrop(wide),
      testPolicy: resize(wide),
      progressive: { from: { height: 64, width: 96 } },
    });
    expect(evaluations.map(evaluationKey)).toEqual([
      'resize@96x128',
      'fixresTest@160x192',
      'shortSideCrop@128',
    ]);
    expect(evaluations[2]).toEqual(shortSideCrop(128));
    const preset = { preset: 'quick', sizes: { small: '48x64', large: { height: 80, width: 96 } } };
    expect(await resolved(preset)).toEqual(
      fixresExperiment({
        ...fixresPresets.quick,
        small: { height: 48, width: 64 },
        large: { height: 80, width: 96 },
      }),
    );
    await expect(
      resolved({ preset: 'quick', sizes: { small: '96x64', large: '128x48' } }),
    ).rejects.toThrow('Option "large" is 128x48; it must be larger than "small", which is 96x64.');
  });

  it('asks the planner for a matched rectangle', async () => {
    const { arms } = await resolved({
      arms: [{ ...base, trainPolicy: { policy: 'randomResizedCrop', size: '96x128' } }, tuned],
    });
    const { height, width } = arms[1]!.testPolicy.output;
    expect([height % 8, width % 8]).toEqual([0, 0]);
    expect(Math.abs(width / height - 4 / 3)).toBeLessThan(8 / height);
    expect(height).toBeGreaterThan(96);
    expect(arms[1]!.trainPolicy.output).toEqual({ height, width });
  });

  it('evaluates in the order of the file, if it lists the policies of all arms', async () => {
    const large = { policy: 'resize', size: 160 };
    const keys = async (evaluations: object[]): Promise<string[]> =>
      (await resolved({ arms: [base], evaluations })).evaluations.map(evaluationKey);
    expect(await keys([large])).toEqual(['resize@128', 'resize@160']);
    expect(await keys([large, base.testPolicy])).toEqual(['resize@160', 'resize@128']);
  });

  it('gives another architecture its published width, or the width of the preset', async () => {
    const widthOf = async (file: object): Promise<unknown> =>
      ((await resolved(file)).model as { width: number }).width;
    expect(await widthOf({ preset: 'keras', model: { name: 'mobilenetv2' } })).toBe(
      presetWidth('keras', 'mobilenetv2'),
    );
    expect(presetWidth('keras', 'mobilenetv2')).toBe(32);
    expect(await widthOf({ arms: [base], model: { name: 'mobilenetv2' } })).toBe(32);
    expect(await widthOf({ arms: [base] })).toBe(64);
  });

  it('asks the planner for matched sizes, for the policy of the arm from scratch', async () => {
    const { arms, evaluations, comparisons } = await resolved({ arms: [base, tuned] });
    const { width } = arms[1]!.testPolicy.output;
    expect(width).toBe(
      planResolution(photos, randomResizedCrop(128), { trainSize: 128 }).matched.cropSize,
    );
    expect(arms[1]!.testPolicy).toEqual(shortSideCrop(width));
    expect(arms[1]!.trainPolicy).toEqual(shiftedCrop(width));
    expect(evaluations.map(evaluationKey)).toEqual(['resize@128', `shortSideCrop@${width}`]);
    expect(comparisons).toEqual([{ a: 'tuned', b: 'base', policy: 'own' }]);
  });

  it('fills in the defaults of arms', async () => {
    const { arms, model, seeds, batchSize } = await resolved({
      arms: [{ ...base, optimizer: 'sgd', ema: true }],
    });
    expect(arms[0]).toMatchObject({
      initFrom: null,
      freeze: 'all',
      optimizer: { type: 'sgd' },
      ema: { warmUp: true },
      schedule: { type: 'constant', rate: 0.1 },
      testPolicy: resize(128),
      description: 'From scratch at 128 px with randomResizedCrop.',
    });
    expect({ model, seeds, batchSize }).toEqual({
      model: { name: 'resnet50v2', width: 64 },
      seeds: [0],
      batchSize: 32,
    });
  });

  it('evaluates with re-estimated statistics, unless the file or the preset sets another value', async () => {
    expect(await resolved({ arms: [base] })).toMatchObject({ normStatistics: 'precise' });
    expect(
      await resolved({ arms: [base], normStatistics: 'running', normImages: 100 }),
    ).toMatchObject({ normStatistics: 'running', normImages: 100 });
    const ofPresets = await Promise.all(
      ['quick', 'keras', 'paper', 'matched'].map((preset) => resolved({ preset })),
    );
    expect(ofPresets.map(({ normStatistics }) => normStatistics)).toEqual([
      'precise',
      'running',
      'precise',
      'precise',
    ]);
    expect(await resolved({ preset: 'keras', normStatistics: 'precise' })).toMatchObject({
      normStatistics: 'precise',
    });
  });

  it('averages weights with a warm-up by default', async () => {
    const averageOf = async (average: unknown): Promise<unknown> =>
      (await resolved({ arms: [{ ...base, ema: average }] })).arms[0]!.ema;
    expect(await averageOf({ momentum: 0.9 })).toEqual({ momentum: 0.9, warmUp: true });
    expect(await averageOf({ warmUp: false })).toEqual({ warmUp: false });
    expect(await averageOf({ warmUp: { gamma: 2 } })).toEqual({ warmUp: { gamma: 2 } });
  });

  it('accepts arms that train no weight: without epochs and without a rate', async () => {
    // JSON drops undefined values.
    const still = JSON.parse(
      JSON.stringify({ ...tuned, learningRate: undefined, freeze: 'bn-recalibrate', epochs: 0 }),
    ) as object;
    expect((await resolved({ arms: [base, still] })).arms[1]).toMatchObject({
      freeze: 'bn-recalibrate',
      epochs: 0,
      initFrom: 'base',
    });
    await expect(
      resolved({ arms: [base, { ...still, epochs: 2, learningRate: 0.1 }] }),
    ).rejects.toThrow(
      'Arm "tuned" has 2 epochs, but freeze policy "bn-recalibrate" trains no weights; it must have 0 epochs.',
    );
    await expect(resolved({ arms: [{ ...base, epochs: 0 }] })).rejects.toThrow(
      "The experiment's arms[0]: epochs is 0, but the arm starts from scratch; it must be at least 1.",
    );
    await expect(resolved({ arms: [base, { ...still, epochs: 2 }] })).rejects.toThrow(
      'exactly one of learningRate and schedule must be given',
    );
    const grid = {
      train: { trainPolicy: 'resize', imageSizes: [64], epochs: 2, learningRate: 0.1 },
      finetune: {
        policies: [
          {
            trainPolicy: { policy: 'resize', size: 96 },
            testPolicy: { policy: 'resize', size: 96 },
          },
        ],
        freeze: ['classifier', 'bn-recalibrate'],
        epochs: 3,
        learningRate: 0.1,
      },
    };
    expect((await resolved({ grid })).arms.map(({ epochs }) => epochs)).toEqual([2, 3, 0]);
  });

  it('initialises from the model in a folder, identified by its digest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fixres-model-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await expect(resolved({ arms: [base], model: { folder } })).rejects.toThrow(
      /^The experiment's model: folder is ".*", which contains no model/,
    );
    await writeFile(join(folder, 'model.json'), '{}');
    const { model } = await resolved({ arms: [base], model: { folder } });
    expect(model).toEqual({
      folder,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      imageSize: 128,
      newClassifier: 'if-needed',
    });
    await writeFile(join(folder, 'weights.bin'), '1');
    const other = await resolved({
      arms: [base],
      model: { folder, imageSize: 96, newClassifier: 'always' },
    });
    expect(other.model).toMatchObject({ imageSize: 96, newClassifier: 'always' });
    expect((other.model as { digest: string }).digest).not.toBe(
      (model as { digest: string }).digest,
    );
  });

  it('leaves lengths that depend on a cost to the run, and accepts a number of steps', async () => {
    const { arms } = await resolved({
      arms: [
        {
          ...base,
          steps: 40,
          learningRate: undefined,
          schedule: { type: 'step', rate: 0.1, parts: 4 },
        },
        equal,
      ],
    });
    expect(arms[0]).toMatchObject({
      epochs: 2,
      steps: 40,
      schedule: { type: 'step', rate: 0.1, parts: 4 },
    });
    expect(arms[1]).toMatchObject({ name: 'equal', cost: { equalTo: 'base' } });
    expect(arms[1]).not.toHaveProperty('epochs');
  });

  it('appends augmentations to a policy by name or in steps, after its flip, and mixes batches', async () => {
    const augment = ['randAugment', { op: 'randomErasing', probability: 0.25 }];
    const file = (arm: object): ReturnType<typeof parseExperiment> =>
      parseExperiment({ version: 1, dataset: 'x', arms: [{ ...base, ...arm }] });
    const named = { policy: 'randomResizedCrop', size: 64, augment };
    const experiment = await resolveExperiment(
      file({ trainPolicy: named, mix: { cutmix: 1 } }),
      noSizes,
    );
    const [arm] = experiment.arms;
    expect(arm!.mix).toEqual({ cutmix: 1 });
    expect(arm!.trainPolicy.name).toBe('randomResizedCrop+randAugment+randomErasing');
    expect(arm!.trainPolicy.steps.map(({ op }) => op)).toEqual([
      'randomResizedCrop',
      'resize',
      'randomHorizontalFlip',
      'randAugment',
      'randomErasing',
    ]);
    expect(arm!.trainPolicy.steps.at(-1)).toMatchObject({ probability: 0.25, ratio: [0.3, 3.3] });
    const changed = await changeExperiment(
      experiment,
      ['arms.base.trainPolicy.augment=[threeAugment]', 'arms.base.mix.mixup=0.2'],
      noSizes,
    );
    expect(changed.arms[0]!.trainPolicy.steps.at(-1)).toEqual({
      op: 'threeAugment',
      colorJitter: 0.3,
    });
    expect(changed.arms[0]!.mix).toEqual({ cutmix: 1, mixup: 0.2 });
    const wrong = { ...named, augment: [{ op: 'randAugment', magnitude: 31 }] };
    await expect(resolveExperiment(file({ trainPolicy: wrong }), noSizes)).rejects.toThrow(
      /arms\[0\]\.trainPolicy: augment\[0\]\.magnitude is 31; it must be less than numMagnitudeBins/,
    );
    await expect(resolveExperiment(file({ mix: {} }), noSizes)).rejects.toThrow(
      'Arm "base": Option "mix" has neither "mixup" nor "cutmix"; it must have at least one.',
    );
    const tested = { policy: 'resize', size: 64, augment: ['randomGrayscale'] };
    await expect(resolveExperiment(file({ testPolicy: tested }), noSizes)).rejects.toThrow(
      /cannot be its model's preprocessing/,
    );
  });

  it('sets which activations are measured', async () => {
    expect((await resolved({ arms: [base], activations: { images: 64 } })).activations).toEqual({
      images: 64,
    });
    expect((await resolved({ preset: 'quick', activations: false })).activations).toBe(false);
    expect(await resolved({ preset: 'quick' })).not.toHaveProperty('activations');
  });

  it('expands a grid into arms with a common initial arm', async () => {
    const grid = {
      train: {
        trainPolicy: 'sampledBoundingBoxCrop',
        augment: ['threeAugment'],
        imageSizes: [96, 128],
        epochs: 4,
        learningRate: 1e-3,
      },
      finetune: {
        policies: [
          {
            trainPolicy: { policy: 'fixresFinetune', size: 224 },
            testPolicy: { policy: 'fixresTest', size: 224 },
          },
          {
            trainPolicy: { policy: 'shiftedCrop', size: 160 },
            testPolicy: { policy: 'shortSideCrop', size: 160 },
          },
        ],
        freeze: ['classifier', 'classifier+last-bn-stats'],
        epochs: 1,
        learningRate: 1e-4,
      },
    };
    const { arms, evaluations, comparisons } = await resolved({ grid, seeds: [3, 5] });
    expect(arms.map(({ name, initFrom, epochs }) => [name, initFrom, epochs])).toEqual(
      [96, 128].flatMap((size) => [
        [`train${size}`, null, 4],
        [`train${size}-fixresTest@224-classifier`, `train${size}`, 1],
        [`train${size}-fixresTest@224-classifier+last-bn-stats`, `train${size}`, 1],
        [`train${size}-shortSideCrop@160-classifier`, `train${size}`, 1],
        [`train${size}-shortSideCrop@160-classifier+last-bn-stats`, `train${size}`, 1],
      ]),
    );
    expect(
      arms.map(({ trainPolicy }) => trainPolicy.steps.some(({ op }) => op === 'threeAugment')),
    ).toEqual(arms.map(({ initFrom }) => initFrom === null));
    // With the seed's policy, the resize depends on the train size: 224 / 96 * 224, 224 / 128 *
    // 224.
    expect(
      arms
        .filter(({ name }) => name.includes('fixresTest'))
        .map(({ testPolicy }) => testPolicy.steps[0]),
    ).toMatchObject([{ width: 522 }, { width: 522 }, { width: 392 }, { width: 392 }]);
    expect(evaluations.map(evaluationKey)).toEqual([
      'resize@96',
      'fixresTest-from96@224',
      'shortSideCrop@160',
      'resize@128',
      'fixresTest-from128@224',
    ]);
    expect(comparisons).toHaveLength(8);
  });

  it.each([
    [
      { arms: [{ ...base, initFrom: 'other' }] },
      'arms[0]: initFrom is "other", which is not an earlier arm (earlier arms: none).',
    ],
    [
      { arms: [base, { ...equal, cost: { equalTo: 'large' } }] },
      'The cost of arm "equal" is that of "large", which does not exist; it must be an earlier arm: base.',
    ],
    [{ arms: [base, base] }, 'arms[1]: name is "base", which an earlier arm has'],
    [
      { arms: [{ ...base, schedule: { type: 'constant', rate: 1 } }] },
      'arms[0]: exactly one of learningRate and schedule',
    ],
    [
      { arms: [{ ...base, testPolicy: { policy: 'fixresTest', size: 64 } }] },
      'arms[0].testPolicy: Option "size" is 64; it must be at least trainSize, which is 128.',
    ],
    [
      { arms: [{ ...base, testPolicy: { policy: 'fixresTest', size: '160x96' } }] },
      'arms[0].testPolicy: Option "size" is 160x96; it must be at least trainSize, which is 128.',
    ],
    [
      { arms: [{ ...base, progressive: { from: '96x160' } }] },
      'Arm "base" has progressive.from 96x160; it must be smaller than its train size, 128.',
    ],
    [
      { arms: [{ ...base, trainPolicy: { policy: 'randomResizedCrop', size: 'matched' } }] },
      'arms[0].trainPolicy: size is "matched", which is only for arms',
    ],
    [
      { arms: [base, { ...tuned, trainPolicy: { policy: 'randomResizedCrop', size: 'matched' } }] },
      'which "randomResizedCrop" does not support',
    ],
    [
      {
        arms: [
          base,
          {
            ...tuned,
            testPolicy: { policy: 'resize', size: 160 },
            trainPolicy: { policy: 'resize', size: 'measured' },
          },
        ],
      },
      'arms[1].trainPolicy: size is "measured", which needs testPolicy.size "measured" too.',
    ],
    [
      { arms: [{ ...base, testPolicy: { policy: 'resize', size: 'measured' } }] },
      'arms[0]: size is "measured", which is only for arms that are initialised from the first arm.',
    ],
    [
      {
        arms: [
          base,
          { ...tuned, testPolicy: { policy: 'resize', size: { measured: [96, '96x96'] } } },
        ],
      },
      'arms[1].testPolicy: size has the candidate 96 only; it must have at least 2 different ones.',
    ],
    [
      {
        arms: [
          base,
          { ...measured, trainPolicy: { policy: 'resize', size: { measured: [96, 128] } } },
        ],
      },
      'arms[1].trainPolicy: size lists candidates, which only testPolicy.size does.',
    ],
    [
      { arms: [base], evaluations: [{ policy: 'resize', size: 'measured' }] },
      'evaluations[0]: size is "measured", which is only for the policies of an arm.',
    ],
    [
      { arms: [base], comparisons: [{ a: 'base', b: 'none' }] },
      'comparisons[0]: there is no arm "none"; there are: base.',
    ],
    [
      { arms: [base], comparisons: [{ a: 'base', b: 'base', policy: 'resize@64' }] },
      'policy is "resize@64"; it must be one of own, resize@128',
    ],
    [
      { arms: [{ ...base, freeze: { name: 'mine', rules: [], otherwise: 'melt' } }] },
      'arms[0]: otherwise: received "melt"',
    ],
    [
      { arms: [base, { ...tuned, testPolicy: { policy: 'resize', size: 128, flip: true } }] },
      'The test policy of arm "tuned" cannot be its model\'s preprocessing: ',
    ],
    [
      {
        arms: [base],
        evaluations: [96, 112].map((trainSize) => ({ policy: 'fixresTest', size: 128, trainSize })),
      },
      'Two evaluations are called fixresTest@128; names must differ.',
    ],
    [
      { arms: [base], evaluations: ['Mine', 'mine'].map((name) => ({ ...resize(96), name })) },
      'Evaluations Mine@96 and mine@96 differ only in case, which some file systems ignore; choose another name.',
    ],
    [
      {
        grid: {
          train: { trainPolicy: 'resizeFlip', imageSizes: [4096], epochs: 1, learningRate: 0.1 },
          finetune: {
            policies: [
              {
                trainPolicy: { policy: 'resize', size: 64 },
                test: { ...resize(4096), name: 'p'.repeat(100) },
              },
            ],
            freeze: [{ name: 'f'.repeat(100), rules: [], otherwise: 'train' }],
            epochs: 1,
            learningRate: 0.1,
          },
        },
      },
      `Arm "train4096-${'p'.repeat(100)}@4096-${'f'.repeat(100)}" under evaluation ${'p'.repeat(100)}@4096 makes a file name of 334 bytes; at most 239 are allowed. Choose shorter names.`,
    ],
    [
      { arms: [base, { ...base, name: 'Base' }] },
      'Arms "base" and "Base" differ only in case, which some file systems ignore; choose another name.',
    ],
    [
      { arms: [base], seeds: { until: { excludes0: 'base - other' } } },
      'The end of the seeds names arm "other", which the experiment does not have',
    ],
    [
      { arms: [base], seeds: { until: { excludes0: 'base - base' } } },
      'The end of the seeds compares arm "base" with itself',
    ],
    [
      { arms: [base, tuned], seeds: { until: { excludes0: 'base - tuned', policy: 'x@1' } } },
      'The end of the seeds names evaluation "x@1", which does not exist',
    ],
    [{ arms: [base], seeds: [1, 1] }, 'seeds: [1,1] contains a seed twice'],
  ])('refuses %j', async (value, message) => {
    await expect(resolved(value)).rejects.toMatchObject({
      code: 'bad-experiment',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('seeds that stop by themselves', () => {
  it.each([
    [
      { until: { difference: 'fixres - vanilla-equal-cost', halfWidth: 1.5 }, max: 12 },
      { a: 'fixres', b: 'vanilla-equal-cost', policy: 'own', until: { halfWidth: 0.015 } },
      12,
    ],
    [
      { until: { excludes0: 'fixres - small', policy: 'shortSideCrop@112' } },
      { a: 'fixres', b: 'small', policy: 'shortSideCrop@112', until: 'excludes0' },
      20,
    ],
  ])('%j', async (seeds, seedStopping, max) => {
    const experiment = await resolved({ preset: 'quick', seeds });
    expect(experiment).toMatchObject({
      seedStopping,
      seeds: Array.from({ length: max }, (_, i) => i),
    });
    // Written and read again, it is the same.
    const written = writtenExperiment(experiment);
    expect((await resolved(written)).seedStopping).toEqual(seedStopping);
    expect((await resolved(written)).seeds).toHaveLength(max);
  });
});

describe('experiment.schema.json', () => {
  it('matches the output of scripts/make-schemas.mjs', async () => {
    const published = await readFile(
      new URL('../../experiment.schema.json', import.meta.url),
      'utf8',
    );
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(experimentJsonSchema())));
  });
});
