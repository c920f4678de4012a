// @module-tag native-engine
import { useEngine } from '@fixres/engine';
import { createModel } from '@fixres/models';
import { type Classifier, contractClassifier, type PixelContract } from '@fixres/runner';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClassifierCompiler } from './classifier-compiler.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const contracts: [string, PixelContract][] = [
  ['levels', { normalisation: { kind: 'scale', scale: 1, offset: 0 }, layout: 'NHWC' }],
  [
    'standardised levels',
    {
      normalisation: { kind: 'mean-std', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      layout: 'NHWC',
    },
  ],
];
const work = { size: 32, images: 21, batchSize: 3, views: 1 };

/** Images with varying levels. */
function batchOf(
  images: number,
  size: number,
): { pixels: Uint8Array; shape: [number, number, number, 3] } {
  return {
    pixels: Uint8Array.from({ length: images * size * size * 3 }, (_, i) => (i * 7919) % 256),
    shape: [images, size, size, 3],
  };
}

/** Probabilities of a classifier computed kernel by kernel. */
function eager(
  classifier: Classifier,
  { pixels, shape }: ReturnType<typeof batchOf>,
): Float32Array {
  return tf.tidy(() =>
    (
      classifier.apply(tf.cast(tf.tensor4d(pixels, shape, 'int32'), 'float32'), {
        training: false,
      }) as tf.Tensor
    ).dataSync<'float32'>(),
  );
}

const never = (message: string): never => {
  throw new Error(message);
};
const unused: Classifier = { outputs: [], apply: () => never('The classifier was called.') };

describe('ClassifierCompiler', () => {
  it.each(contracts)(
    'computes the same probabilities as kernel by kernel, for %s',
    (_, contract) => {
      const model = createModel('resnet14v2', { classes: 5, width: 4, seed: 3 });
      const classifier = contractClassifier(model, contract);
      const compiler = new ClassifierCompiler(classifier, never);
      const before = tf.memory().numTensors;
      for (const { size, images } of [
        { size: 32, images: 21 },
        { size: 48, images: 20 },
      ]) {
        const forward = compiler.compile({ ...work, size, images })!;
        for (const batch of [batchOf(3, size), batchOf(images % 3 || 3, size)]) {
          const actual = tf.tidy(() => forward(batch).dataSync<'float32'>());
          const expected = eager(classifier, batch);
          expect(actual).toHaveLength(expected.length);
          expect(
            Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))),
          ).toBeLessThan(1e-5);
        }
        forward.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    },
  );

  it('compiles nothing for a few batches or on another engine', async () => {
    const compiler = new ClassifierCompiler(unused, never);
    expect(compiler.compile({ ...work, images: 1, batchSize: 32 })).toBeUndefined();
    expect(compiler.compile({ ...work, images: 100, batchSize: 32 })).toBeUndefined();
    await useEngine({ engine: 'wasm' });
    expect(new ClassifierCompiler(unused, never).compile(work)).toBeUndefined();
    await useEngine({ engine: 'tensorflow' });
  });

  it('warns once about a model that cannot be compiled, and counts the views', () => {
    const warnings: string[] = [];
    const looking: Classifier = {
      outputs: [],
      apply: (levels) => {
        (levels as tf.Tensor).dataSync();
        return levels;
      },
    };
    const compiler = new ClassifierCompiler(looking, (message) => void warnings.push(message));
    expect(compiler.compile({ ...work, images: 3, views: 10 })).toBeUndefined();
    expect(compiler.compile(work)).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(
        /cannot be compiled: .* It runs kernel by kernel, which is slower\.$/,
      ) as string,
    ]);
  });
});
