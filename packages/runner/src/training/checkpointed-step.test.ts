import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, type FreezePolicy } from '@fixres/finetune';
import { mobileNetV2, resNet14V2 } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { residualModel } from '../../test/recipe-training.ts';
import { gradientStep } from './gradient-step.ts';
import { type TrainingNoise, withSeededDropout } from './seeded-dropout.ts';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

const rescaling = { scale: 1 / 127.5, offset: -1 };
const resnet = (): LayersModel => resNet14V2({ classes: 2, width: 4, rescaling, seed: 3 });

const freeze = (name: string, trained: string): FreezePolicy => ({
  name,
  rules: [{ match: { pattern: trained }, mode: 'train' }],
  otherwise: 'freeze',
});

interface Setting {
  make: () => LayersModel;
  policy?: FreezePolicy;
  noise?: TrainingNoise;
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Loss, count, gradients by the place of their variables, and running statistics of one step, and the
 * bytes of tensors that it adds at most. Other files of the process may leave tensors behind.
 */
async function stepOf(
  { make, policy, noise }: Setting,
  gradientCheckpointing: boolean,
): Promise<{ values: Record<string, Float32Array>; count: number; peakBytes: number }> {
  const model = make();
  const handle = await applyFreezePolicy(model, policy ?? 'all');
  const images = tf.randomUniform([6, 32, 32, 3], 0, 255, 'float32', 1);
  const labels = tf.tensor1d([0, 1, 1, 0, 1, 0], 'int32');
  const step = gradientStep(model, handle, { gradientCheckpointing });
  const values: Record<string, Float32Array> = {};
  let count = 0;
  const before = tf.memory();
  const { peakBytes } = await tf.profile(() => {
    tf.tidy(() => {
      const run = (): ReturnType<typeof step> => step(images, labels);
      const { loss, correct, gradients } =
        noise === undefined
          ? run()
          : withSeededDropout(model, tf.tensor1d([5], 'int32'), run, noise);
      values.loss = loss.dataSync<'float32'>();
      count = correct.dataSync()[0]!;
      expect(Object.keys(gradients)).toHaveLength(handle.gradientVariables.length);
      for (const [i, { name }] of handle.gradientVariables.entries())
        values[`gradient ${i}`] = gradients[name]!.dataSync<'float32'>();
    });
    return [];
  });
  for (const [i, variable] of handle.moving.entries())
    values[`statistic ${i}`] = variable.read().dataSync<'float32'>().slice();
  expect(tf.memory().numTensors).toBe(before.numTensors);
  tf.dispose([images, labels]);
  model.dispose();
  return { values, count, peakBytes: peakBytes - before.numBytes };
}

const settings: Record<string, Setting> = {
  'a ResNetV2': { make: resnet },
  'a MobileNetV2': {
    make: () => mobileNetV2({ classes: 2, alpha: 0.35, rescaling, seed: 1 }),
  },
  'a model of unknown architecture': { make: () => residualModel({ norms: true }) },
  'stochastic depth and dropout': {
    make: () => residualModel({ norms: true }),
    noise: { dropPath: 0.4, dropout: 0.3 },
  },
  'a frozen trunk': { make: resnet, policy: freeze('end', '^(conv4|conv5|post|predictions)') },
  'frozen layers before statistics that move': {
    make: resnet,
    policy: {
      name: 'statistics',
      rules: [
        { match: { pattern: '^(conv5|post|predictions)' }, mode: 'train' },
        { match: { pattern: '_bn$' }, mode: 'statistics-only' },
      ],
      otherwise: 'freeze',
    },
  },
};

describe('gradient checkpointing', () => {
  it.each(Object.entries(settings))('has the same results: %s', async (_, setting) => {
    const expected = await stepOf(setting, false);
    const actual = await stepOf(setting, true);
    expect(actual.count).toBe(expected.count);
    expect(Object.keys(actual.values)).toEqual(Object.keys(expected.values));
    // A convolution's bias before a normalisation has a gradient of rounding errors alone.
    const gradients = Object.keys(expected.values).filter((name) => name.startsWith('gradient'));
    const scale = Math.max(...gradients.map((name) => largest(expected.values[name]!)));
    for (const [name, values] of Object.entries(expected.values)) {
      const received = actual.values[name]!;
      const difference = largest(values.map((value, i) => value - received[i]!));
      const unit = gradients.includes(name) ? scale : largest(values);
      expect(difference / unit, name).toBeLessThan(1e-6);
    }
  });

  it('keeps fewer activations', async () => {
    const make = (): LayersModel => residualModel({ norms: true });
    const [usual, checkpointed] = [await stepOf({ make }, false), await stepOf({ make }, true)];
    expect(checkpointed.peakBytes).toBeLessThan(0.75 * usual.peakBytes);
  });

  it('is refused for noise that cannot be drawn again, and for a model without blocks', async () => {
    const flat = (): LayersModel['layers'] => [
      layers.flatten({ inputShape: [4, 4, 3] }),
      layers.dense({ units: 2 }),
    ];
    const noise = layers.gaussianNoise({ stddev: 1, inputShape: [4, 4, 3] });
    const refused: [LayersModel['layers'], RegExp][] = [
      [[noise, ...flat()], /gradientCheckpointing is true, .*layer "gaussian_.*cannot be drawn/],
      [flat(), /gradientCheckpointing is true, .*blocks with one input and one output/],
    ];
    for (const [list, reason] of refused) {
      const model = sequential({ layers: list });
      const handle = await applyFreezePolicy(model, 'all');
      const make = (): unknown => gradientStep(model, handle, { gradientCheckpointing: true });
      expect(make).toThrow(reason);
      model.dispose();
    }
  });

  it.each([resnet, () => residualModel()])(
    'has nothing to compute again if one block trains',
    async (make) => {
      const model = make();
      const handle = await applyFreezePolicy(model, 'classifier');
      const images = tf.ones([2, 32, 32, 3]);
      const labels = tf.tensor1d([0, 1], 'int32');
      const [one, other] = [false, true].map((gradientCheckpointing) =>
        tf.tidy(() =>
          gradientStep(model, handle, { gradientCheckpointing })(images, labels).loss.dataSync(),
        ),
      );
      expect(other).toEqual(one);
      tf.dispose([images, labels]);
      model.dispose();
    },
  );
});
