import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, type FeatureForm, splitFeatures } from '@fixres/finetune';
import { mobileNetV2, resNet14V2 } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { ownModel } from '../../../test/own-model.ts';
import { compileTrunk } from './compile-trunk.ts';

const onWarning = (message: string): void => expect.fail(message);

const rescaling = { scale: 1 / 127.5, offset: -1 };

/** Gives all normalisations statistics and scales as after training; new ones hardly change their input. */
function spreadStatistics(model: LayersModel): void {
  model.weights.forEach((weight, seed) => {
    const { shape, originalName } = weight;
    const [name] = originalName.split('/').slice(-1);
    const range = { moving_mean: [-1, 1], moving_variance: [0.2, 2], gamma: [0.5, 1.5] }[name!];
    if (range === undefined) return;
    const [low, high] = range as [number, number];
    tf.tidy(() => {
      weight.write(tf.randomUniform(shape as number[], low, high, 'float32', seed));
    });
  });
}

it.each<[string, FeatureForm, () => LayersModel]>([
  ['ResNetV2', 'maps', () => resNet14V2({ classes: 2, width: 4, rescaling })],
  ['MobileNetV2', 'maps', () => mobileNetV2({ classes: 2, alpha: 0.35, rescaling })],
  ["a user's own model", 'moments', ownModel],
])(
  'computes the features of the eager trunk, including for smaller batches: %s',
  { tags: 'native-engine' },
  async (_, form, create) => {
    await useEngine({ engine: 'tensorflow' });
    const before = tf.memory().numTensors;
    const model = create();
    spreadStatistics(model);
    const handle = await applyFreezePolicy(model, 'classifier+last-bn');
    const split = splitFeatures(handle)!;
    expect(split.form).toBe(form);
    const size = { height: 32, width: 48 };
    const trunk = compileTrunk(split, { batchSize: 4, size, precision: 'float32', onWarning })!;
    for (const count of [4, 1, 3]) {
      tf.tidy(() => {
        const images = tf.randomUniform([count, 32, 48, 3], 0, 255, 'float32', count);
        const [expected, given] = [split.features(images), trunk.features(images)];
        expect(given.shape).toEqual(expected.shape);
        const scale = tf.max(tf.abs(expected)).dataSync()[0]!;
        expect(tf.max(tf.abs(tf.sub(given, expected))).dataSync()[0]! / scale).toBeLessThan(1e-5);
        expect(scale).toBeGreaterThan(0.1);
      });
    }
    trunk.dispose();
    expect((await handle.verify({ strict: true })).changed).toEqual([]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

it(
  'computes in bfloat16 on request, with features in float32',
  { tags: 'native-engine' },
  async () => {
    await useEngine({ engine: 'tensorflow' });
    const model = resNet14V2({ classes: 2, width: 4, rescaling: { scale: 1 / 127.5, offset: -1 } });
    const split = splitFeatures(await applyFreezePolicy(model, 'classifier+last-bn'))!;
    const [exact, rounded] = (['float32', 'bfloat16'] as const).map((precision) =>
      compileTrunk(split, { batchSize: 4, size: 32, precision, onWarning })!,
    );
    tf.tidy(() => {
      const images = tf.randomUniform([4, 32, 32, 3], 0, 255, 'float32', 1);
      const [expected, given] = [exact!.features(images), rounded!.features(images)];
      expect(given.dtype).toBe('float32');
      expect([exact!.precision, rounded!.precision]).toEqual(['float32', 'bfloat16']);
      const words = new Uint32Array(Float32Array.from(given.dataSync()).buffer);
      expect(words.every((word) => (word & 0xffff) === 0)).toBe(true);
      const difference =
        tf.max(tf.abs(tf.sub(given, expected))).dataSync()[0]! /
        tf.max(tf.abs(expected)).dataSync()[0]!;
      // Eight bits of mantissa: 2^-8 for one rounding, and several roundings add up.
      expect(difference).toBeGreaterThan(2 ** -12);
      expect(difference).toBeLessThan(2 ** -4);
    });
    for (const trunk of [exact, rounded]) trunk!.dispose();
    model.dispose();
  },
);

it(
  'is null, with a warning, for a trunk that cannot be compiled',
  { tags: 'native-engine' },
  async () => {
    await useEngine({ engine: 'tensorflow' });
    const model = ownModel();
    const split = splitFeatures(await applyFreezePolicy(model, 'classifier'))!;
    const looking = {
      ...split,
      features: (images: tf.Tensor) => {
        images.dataSync();
        return split.features(images);
      },
    };
    const warnings: string[] = [];
    expect(
      compileTrunk(looking, {
        batchSize: 4,
        size: 32,
        precision: 'float32',
        onWarning: (message) => warnings.push(message),
      }),
    ).toBeNull();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Function trunk cannot be compiled: .* It runs kernel by kernel, which is slower\.$/,
      ),
    ]);
    model.dispose();
  },
);

it('is null without the native engine', async () => {
  await useEngine({ engine: 'wasm' });
  const model = ownModel();
  const split = splitFeatures(await applyFreezePolicy(model, 'classifier'))!;
  expect(
    compileTrunk(split, { batchSize: 4, size: 32, precision: 'float32', onWarning }),
  ).toBeNull();
  model.dispose();
});
