// @module-tag native-engine
import { type ImageSize, resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, type FreezePolicy, WeightAverage } from '@fixres/finetune';
import {
  Adam,
  batchNormalization,
  layerGroups,
  resNet14V2,
  SGD,
  type SlotOptimizer,
} from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../../test/small-images.ts';
import { eagerTrainer } from '../../training/eager-trainer.ts';
import { crossEntropy, type LossFunction } from '../../training/gradient-function.ts';
import type { ImageBatch } from '../../images/image-source.ts';
import type { StateArrays } from '@fixres/runs';
import type { StepResult, Trainer } from '../../training/trainer.ts';
import { compileForward } from './compile-forward.ts';
import { compileTrainer, type CompileTrainerOptions } from './compile-trainer.ts';

type Layer = LayersModel['layers'][number];

const rescaling = { scale: 1 / 127.5, offset: -1 };

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

/** Batches of 8, 8 and 4 images; of 8 and 8 if there are 16. */
async function epoch(count = 20, size: ImageSize = 64): Promise<ImageBatch[]> {
  const all: ImageBatch[] = [];
  for await (const batch of smallImages(count, 1).batches({
    policy: resize(size),
    batchSize: 8,
    seed: 0,
    epoch: 0,
    shuffle: true,
    position: 0,
  }))
    all.push(batch);
  return all;
}

function withTargets(batch: ImageBatch): ImageBatch {
  return {
    ...batch,
    targets: Float32Array.from(
      [...batch.labels].flatMap((label) => (label === 0 ? [0.9, 0.1] : [0.1, 0.9])),
    ),
  };
}

interface Setting {
  make: () => LayersModel;
  freeze?: FreezePolicy | 'all' | 'classifier+last-bn' | 'classifier+last-bn-stats';
  optimizer?: () => SlotOptimizer;
  average?: boolean;
  soft?: boolean;
  /** Default 64. */
  size?: ImageSize;
  /** Default 10. */
  steps?: number;
  /** Ends each epoch with a batch of 4. Compiling it takes as long as training 10 steps. */
  smallerLast?: boolean;
  /**
   * Learning rate of the first step. At a high rate, rounding grows into different losses within 20
   * steps, on any engine.
   */
  rate?: number;
}

async function setUp({
  make,
  freeze = 'all',
  optimizer: makeOptimizer = () => new Adam(),
  average: averages = false,
}: Setting) {
  const model = make();
  const groups = layerGroupsOf(model);
  const handle = await applyFreezePolicy(model, freeze, groups && { groups });
  const optimizer = makeOptimizer();
  const average = averages ? new WeightAverage(handle, { momentum: 0.9 }) : undefined;
  const dispose = (): void => {
    for (const disposable of [average, optimizer, model]) disposable?.dispose();
  };
  return { model, handle, optimizer, average, dispose };
}

function layerGroupsOf(model: LayersModel): ReturnType<typeof layerGroups> | undefined {
  try {
    return layerGroups(model);
  } catch {
    return undefined;
  }
}

function train(trainer: Trainer, batches: ImageBatch[], steps: number, rate = 1e-3): StepResult[] {
  return Array.from({ length: steps }, (_, i) =>
    trainer.step(batches[i % batches.length]!, rate / (1 + i)),
  );
}

const resnet = (): LayersModel => resNet14V2({ classes: 2, width: 8, rescaling, seed: 3 });

/** Compiles in a quarter of the time of a ResNet, with the same kinds of weights. */
function smallModel(): LayersModel {
  const conv = (filters: number, seed: number): Layer =>
    layers.conv2d({
      filters,
      kernelSize: 3,
      strides: 2,
      useBias: false,
      kernelInitializer: initializers.glorotUniform({ seed }),
      name: `conv_${seed}`,
    });
  return sequential({
    layers: [
      layers.rescaling({ ...rescaling, inputShape: [64, 64, 3] }),
      conv(8, 1),
      batchNormalization({ name: 'norm_1' }),
      layers.reLU({}),
      conv(16, 2),
      batchNormalization({ name: 'norm_2' }),
      layers.reLU({}),
      layers.globalAveragePooling2d({}),
      layers.dense({
        units: 2,
        kernelInitializer: initializers.glorotUniform({ seed: 3 }),
        name: 'logits',
      }),
    ],
  });
}

function mobileModel(): LayersModel {
  const separable = (filters: number, strides: number, name: string): Layer[] => [
    layers.depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      name: `${name}_depthwise`,
    }),
    batchNormalization({ name: `${name}_depthwise_norm` }),
    layers.reLU({ maxValue: 6, name: `${name}_depthwise_relu` }),
    layers.conv2d({ filters, kernelSize: 1, useBias: false, name: `${name}_project` }),
    batchNormalization({ name: `${name}_project_norm` }),
  ];
  return sequential({
    layers: [
      layers.rescaling({ ...rescaling, inputShape: [64, 64, 3] }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', name: 'conv' }),
      ...separable(16, 2, 'one'),
      ...separable(24, 2, 'two'),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 2, name: 'logits' }),
      layers.softmax({}),
    ],
  });
}

function userModel(): LayersModel {
  return sequential({
    layers: [
      layers.rescaling({ ...rescaling, inputShape: [64, 64, 3] }),
      layers.conv2d({
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        activation: 'elu',
        kernelInitializer: 'heNormal',
        name: 'conv',
      }),
      batchNormalization({ name: 'norm' }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, name: 'depthwise' }),
      layers.leakyReLU({}),
      layers.flatten(),
      layers.dense({ units: 6, activation: 'tanh', name: 'hidden' }),
      layers.layerNormalization({ name: 'layer_norm' }),
      layers.dense({ units: 2, activation: 'softmax', name: 'classifier' }),
    ],
  });
}

const dropoutModel = (): LayersModel =>
  sequential({
    layers: [
      layers.rescaling({ ...rescaling, inputShape: [64, 64, 3] }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 2 }),
    ],
  });

const settings: Record<string, Setting> = {
  'a ResNetV2 with AdamW': {
    make: resnet,
    optimizer: () => new Adam(1e-3, { weightDecay: 0.01 }),
    steps: 20,
    smallerLast: true,
  },
  'SGD with momentum and an L2 penalty, and an average of the weights': {
    make: resnet,
    optimizer: () => new SGD(0.01, { momentum: 0.9, l2: 1e-3 }),
    average: true,
    rate: 1e-4,
  },
  'last normalisation and classifier only, with rectangles': {
    make: resnet,
    freeze: 'classifier+last-bn',
    size: { height: 48, width: 64 },
  },
  'statistics of the last normalisation and classifier': {
    make: resnet,
    freeze: 'classifier+last-bn-stats',
  },
  'depthwise convolutions with ReLU6, as in MobileNet, with targets': {
    make: mobileModel,
    soft: true,
    smallerLast: true,
  },
  "a user's own Sequential": { make: userModel },
};

describe('compileTrainer', () => {
  it.each(Object.entries(settings))('has the losses of the eager step: %s', async (_, setting) => {
    const { steps = 10, smallerLast = false, size = 64 } = setting;
    const before = tf.memory().numTensors;
    const batches = (await epoch(smallerLast ? 20 : 16, size)).map((batch) =>
      setting.soft === true ? withTargets(batch) : batch,
    );
    const one = await setUp(setting);
    const other = await setUp(setting);
    other.model.setWeights(one.model.getWeights());
    const eager = eagerTrainer(one.model, one.handle, one.optimizer, { average: one.average });
    const compiled = compileTrainer(other.model, other.handle, other.optimizer, {
      size,
      batchSizes: smallerLast ? [8, 4] : [8],
      targets: setting.soft ?? false,
      average: other.average,
    });
    const expected = train(eager, batches, steps, setting.rate);
    const actual = train(compiled, batches, steps, setting.rate);
    actual.forEach(({ loss }, i) => {
      expect(Math.abs(loss / expected[i]!.loss - 1), `loss of step ${i}`).toBeLessThan(1e-4);
    });
    expect(actual.map(({ correct }) => correct)).toEqual(expected.map(({ correct }) => correct));
    await other.handle.verify({ strict: true });

    const [left, right] = [await eager.state(), await compiled.state()];
    const stable = (names: Iterable<string>): string[] => [...names].sort();
    expect(stable(right.keys())).toEqual(stable(left.keys()));
    expect(right.get('optimizer/iter')).toEqual(left.get('optimizer/iter'));
    for (const trainer of [eager, compiled]) trainer.dispose();
    for (const parts of [one, other]) parts.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('continues from a restored state to the bit, and leaves the weights in the model when disposed', async () => {
    const batches = await epoch();
    const options: CompileTrainerOptions = { size: 64, batchSizes: [8, 4] };
    const one = await setUp({ make: smallModel });
    const trainer = compileTrainer(one.model, one.handle, one.optimizer, options);
    train(trainer, batches, 4);
    const state = await trainer.state();
    const expected = train(trainer, batches, 3);
    const last = await trainer.state();

    const other = await setUp({ make: smallModel });
    const again = compileTrainer(other.model, other.handle, other.optimizer, options);
    train(again, batches, 1);
    await again.restore(state);
    expect(train(again, batches, 3)).toEqual(expected);
    expect(await again.state()).toEqual(last);
    again.dispose();
    const weights = one.model.getWeights().map((weight) => weight.dataSync());
    expect(other.model.getWeights().map((weight) => weight.dataSync())).toEqual(weights);
    trainer.dispose();
    expect(one.model.getWeights().map((weight) => weight.dataSync())).toEqual(weights);
    for (const parts of [one, other]) parts.dispose();
  });

  it.each([
    ['is not used', () => Promise.resolve()],
    ['is swapped in and out', (average: WeightAverage) => average.whileAveraged(() => undefined)],
    [
      'is evaluated',
      (average: WeightAverage, model: LayersModel) =>
        average.whileAveraged(() => {
          for (const weight of model.getWeights()) weight.dataSync();
        }),
    ],
    [
      'is read',
      async (average: WeightAverage) => {
        await average.state();
      },
    ],
  ])(
    'averages the weights like the eager step, also if the average %s between the steps',
    async (_, between) => {
      const batches = await epoch(16);
      const setting: Setting = {
        make: smallModel,
        optimizer: () => new SGD(0.01, { momentum: 0.9, l2: 1e-3 }),
        average: true,
      };
      const [one, other] = [await setUp(setting), await setUp(setting)];
      const eager = eagerTrainer(one.model, one.handle, one.optimizer, { average: one.average });
      const compiled = compileTrainer(other.model, other.handle, other.optimizer, {
        size: 64,
        batchSizes: [8],
        average: other.average,
      });
      const states = [];
      for (const [trainer, { average, model }] of [
        [eager, one],
        [compiled, other],
      ] as const) {
        for (let round = 0; round < 3; round++) {
          train(trainer, batches, 2, 1e-4);
          await between(average!, model);
        }
        states.push(await trainer.state());
      }
      const [expected, actual] = states as [StateArrays, StateArrays];
      for (const [name, { values }] of expected) {
        const scale = Math.max(...values.map(Math.abs)) + 1e-3;
        const difference = Math.max(
          ...values.map((value, i) => Math.abs(value - actual.get(name)!.values[i]!)),
        );
        expect(difference / scale, name).toBeLessThan(1e-3);
      }
      for (const trainer of [eager, compiled]) trainer.dispose();
      for (const parts of [one, other]) parts.dispose();
    },
  );

  it('leaks no tensor over 50 steps with evaluations in between, and forward passes use the weights of each step', async () => {
    const [batch, , rest] = (await epoch()) as [ImageBatch, ImageBatch, ImageBatch];
    const { model, handle, optimizer, dispose } = await setUp({ make: smallModel });
    const trainer = compileTrainer(model, handle, optimizer, { size: 64, batchSizes: [8] });
    const forward = compileForward(model, { size: 64, batchSizes: [8] });
    const check = (): void => {
      tf.tidy(() => {
        const eager = model.predict(
          tf.cast(tf.tensor4d(batch.pixels, batch.shape, 'int32'), 'float32'),
        ) as tf.Tensor;
        expect(tf.max(tf.abs(tf.sub(forward(batch), eager))).dataSync()[0]).toBeLessThan(1e-5);
      });
    };
    // The first step with an unannounced batch size compiles again.
    trainer.step(batch, 1e-3);
    trainer.step(rest, 1e-3);
    check();
    const before = tf.memory();
    for (let i = 0; i < 50; i++) {
      trainer.step(i % 2 === 0 ? batch : rest, 1e-3);
      if (i % 10 === 0) check();
    }
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    for (const disposable of [forward, trainer]) disposable.dispose();
    dispose();
  });

  it('draws a new dropout mask at each step, and the same masks from the same state', async () => {
    const [batch] = (await epoch()) as [ImageBatch];
    const { model, handle, optimizer, dispose } = await setUp({ make: dropoutModel });
    const trainerOf = (seed: number): Trainer =>
      compileTrainer(model, handle, optimizer, { size: 64, batchSizes: [8], seed });
    const trainer = trainerOf(1);
    const state = await trainer.state();
    const losses = Array.from({ length: 3 }, () => trainer.step(batch, 0).loss);
    expect(new Set(losses).size).toBe(3);
    await trainer.restore(state);
    expect(Array.from({ length: 3 }, () => trainer.step(batch, 0).loss)).toEqual(losses);
    trainer.dispose();
    const other = trainerOf(2);
    await other.restore(state);
    expect(other.step(batch, 0).loss).not.toBe(losses[0]);
    other.dispose();
    dispose();
  });

  it('accepts a custom loss, for example focal loss', async () => {
    const batches = await epoch();
    const focal: LossFunction = (logits, labels) => {
      const losses = crossEntropy(logits, labels);
      return tf.mul(tf.square(tf.sub(1, tf.exp(tf.neg(losses)))), losses);
    };
    const [one, other, plain] = [
      await setUp({ make: userModel }),
      await setUp({ make: userModel }),
      await setUp({ make: userModel }),
    ];
    for (const { model } of [other, plain]) model.setWeights(one.model.getWeights());
    const expected = train(
      eagerTrainer(one.model, one.handle, one.optimizer, { loss: focal }),
      batches,
      6,
    );
    const compiled = compileTrainer(other.model, other.handle, other.optimizer, {
      size: 64,
      batchSizes: [8, 4],
      loss: focal,
    });
    train(compiled, batches, 6).forEach(({ loss }, i) =>
      expect(Math.abs(loss / expected[i]!.loss - 1)).toBeLessThan(1e-4),
    );
    expect(
      train(eagerTrainer(plain.model, plain.handle, plain.optimizer), batches, 1)[0]!.loss,
    ).toBeGreaterThan(expected[0]!.loss);
    compiled.dispose();
    for (const parts of [one, other, plain]) parts.dispose();
  });

  it('drops the same values as the eager step', async () => {
    const [batch] = (await epoch()) as [ImageBatch];
    const { model, handle, optimizer, dispose } = await setUp({ make: dropoutModel });
    const eager = eagerTrainer(model, handle, optimizer, { seed: 4 });
    const state = await eager.state();
    const expected = Array.from({ length: 3 }, () => eager.step(batch, 0).loss);
    const trainer = compileTrainer(model, handle, optimizer, {
      size: 64,
      batchSizes: [8],
      seed: 4,
    });
    await trainer.restore(state);
    expected.forEach((loss) => expect(trainer.step(batch, 0).loss).toBeCloseTo(loss, 5));
    trainer.dispose();
    dispose();
  });

  it('refuses a step while its weights are replaced, and after it is disposed', async () => {
    const [batch] = (await epoch()) as [ImageBatch];
    const { model, handle, optimizer, average, dispose } = await setUp({
      make: smallModel,
      average: true,
    });
    const trainer = compileTrainer(model, handle, optimizer, {
      size: 64,
      batchSizes: [8],
      average: average!,
    });
    const before = trainer.step(batch, 1e-3).loss;
    await expect(average!.whileAveraged(() => trainer.step(batch, 1e-3))).rejects.toMatchObject({
      code: 'average-in-use',
    });
    expect(trainer.step(batch, 1e-3).loss).not.toBe(before);
    optimizer.dispose();
    expect(() => trainer.step(batch, 1e-3)).toThrow(
      expect.objectContaining({ code: 'bad-graph-call' }) as Error,
    );
    trainer.dispose();
    expect(() => trainer.step(batch, 1e-3)).toThrow('The trainer was disposed.');
    const forward = compileForward(model, { size: 64, batchSizes: [8] });
    forward.dispose();
    expect(() => forward(batch)).toThrow('The forward pass was disposed.');
    dispose();
  });

  it('refuses a model whose noise would be the same in every step', async () => {
    const make = (): LayersModel =>
      sequential({
        layers: [
          layers.flatten({ inputShape: [64, 64, 3] }),
          layers.gaussianNoise({ stddev: 1, name: 'noise' }),
          layers.dense({ units: 2 }),
        ],
      });
    const { model, handle, optimizer, dispose } = await setUp({ make });
    expect(() => compileTrainer(model, handle, optimizer, { size: 64, batchSizes: [8] })).toThrow(
      'Layer "noise" (GaussianNoise) draws random numbers outside the graph',
    );
    dispose();
  });

  it('trains in bfloat16 with similar losses, and with weights and statistics in float32', async () => {
    const batches = await epoch(16);
    const one = await setUp({ make: resnet });
    const other = await setUp({ make: resnet });
    const exact = compileTrainer(one.model, one.handle, one.optimizer, {
      size: 64,
      batchSizes: [8],
    });
    const rounded = compileTrainer(other.model, other.handle, other.optimizer, {
      size: 64,
      batchSizes: [8],
      precision: 'bfloat16',
    });
    const expected = train(exact, batches, 12);
    const actual = train(rounded, batches, 12);
    expect(actual.map(({ loss }) => loss)).not.toEqual(expected.map(({ loss }) => loss));
    actual.forEach(({ loss }, i) => {
      expect(Math.abs(loss - expected[i]!.loss), `loss of step ${i}`).toBeLessThan(0.05);
    });
    for (const trainer of [exact, rounded]) trainer.dispose();
    for (const parts of [one, other]) parts.dispose();
  });
});
