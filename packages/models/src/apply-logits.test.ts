import * as tf from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  layers,
  type LayersModel,
  model,
  sequential,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../test/support/compare.ts';
import { setEngine } from '../test/support/engines.ts';
import { applyLogits } from './apply-logits.ts';
import { FixresModelsError } from './errors.ts';
import { outputActivation } from './output-activation.ts';

beforeAll(() => setEngine('cpu'));

const flat = (): ReturnType<typeof layers.flatten> => layers.flatten({ inputShape: [2, 2, 3] });
// Random ones can give no logit beyond 1, which probabilities are told from.
const weights = (): ReturnType<typeof initializers.glorotUniform> =>
  initializers.glorotUniform({ seed: 1 });
const dense = (activation?: 'softmax' | 'sigmoid' | 'tanh'): ReturnType<typeof layers.dense> =>
  layers.dense({ units: 4, kernelInitializer: weights(), ...(activation && { activation }) });
const nested = (): LayersModel => {
  const image = input({ shape: [2, 2, 3] });
  return model({
    inputs: image,
    outputs: sequential({ layers: [flat(), dense('softmax')] }).apply(image) as never,
  });
};
const convolutional = (): LayersModel =>
  sequential({
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 2,
        kernelInitializer: weights(),
        activation: 'softmax',
        inputShape: [2, 2, 3],
      }),
      layers.reshape({ targetShape: [1, 4] }),
      layers.flatten(),
      layers.activation({ activation: 'linear' }),
    ],
  });
const image = (): tf.Tensor4D => tf.randomUniform<tf.Rank.R4>([3, 2, 2, 3], -9, 9, 'float32', 7);

describe('applyLogits', () => {
  it.each([
    ['a dense layer with softmax', () => sequential({ layers: [flat(), dense('softmax')] })],
    [
      'an activation layer',
      () => sequential({ layers: [flat(), dense(), layers.activation({ activation: 'softmax' })] }),
    ],
    ['a softmax layer', () => sequential({ layers: [flat(), dense(), layers.softmax()] })],
    ['a nested model', nested],
    ['a convolution before layers that change the shape', convolutional],
  ])('returns the input of the softmax of %s, and leaves the model unchanged', (_, make) => {
    const classifier: LayersModel = make();
    tf.tidy(() => {
      const before = (classifier.predict(image()) as tf.Tensor).dataSync();
      const logits = applyLogits(classifier, image(), false);
      expect(logits.shape).toEqual([3, 4]);
      expect(Math.max(...logits.dataSync())).toBeGreaterThan(1);
      expect(relativeError(tf.softmax(logits).dataSync(), before)).toBeLessThan(1e-6);
      expect((classifier.predict(image()) as tf.Tensor).dataSync()).toEqual(before);
    });
  });

  it('returns the input of a sigmoid, and leaves the model unchanged', () => {
    const classifier = sequential({ layers: [flat(), dense('sigmoid')] });
    tf.tidy(() => {
      const before = (classifier.predict(image()) as tf.Tensor).dataSync();
      const logits = applyLogits(classifier, image(), false);
      expect(Math.max(...logits.dataSync())).toBeGreaterThan(1);
      expect(relativeError(tf.sigmoid(logits).dataSync(), before)).toBeLessThan(1e-6);
      expect((classifier.predict(image()) as tf.Tensor).dataSync()).toEqual(before);
    });
  });

  it('treats a linear output as logits', () => {
    const classifier = sequential({ layers: [flat(), dense()] });
    tf.tidy(() => {
      const output = (classifier.predict(image()) as tf.Tensor).dataSync();
      expect(applyLogits(classifier, image(), false).dataSync()).toEqual(output);
    });
  });

  it('does not take a softmax at each of several positions for that of the classes', () => {
    const map = layers.conv2d({
      filters: 2,
      kernelSize: 1,
      activation: 'softmax',
      inputShape: [2, 2, 3],
    });
    const classifier = sequential({ layers: [map, layers.flatten()] });
    expect(outputActivation(classifier)).toBe('linear');
    tf.tidy(() => {
      const output = (classifier.predict(image()) as tf.Tensor).dataSync();
      expect(applyLogits(classifier, image(), false).dataSync()).toEqual(output);
    });
  });

  it('knows no classes in a map', () => {
    expect(outputActivation(sequential({ layers: [layers.reLU({ inputShape: [2, 2, 3] })] }))).toBe(
      undefined,
    );
  });

  it('passes the training mode on', () => {
    const classifier = sequential({
      layers: [flat(), layers.dropout({ rate: 0.9, seed: 3 }), dense('softmax')],
    });
    tf.tidy(() => {
      const [off, on] = [false, true].map((training) =>
        applyLogits(classifier, image(), training).dataSync(),
      );
      expect(on).not.toEqual(off);
      expect(off).toEqual(applyLogits(classifier, image(), false).dataSync());
    });
  });

  it('restores the softmax if the call fails', () => {
    const classifier = sequential({ layers: [flat(), dense('softmax')] });
    expect(() => applyLogits(classifier, tf.zeros([1, 5, 5, 3]), false)).toThrow();
    const sums = tf.tidy(() => tf.sum(classifier.predict(image()) as tf.Tensor, 1).dataSync());
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
  });

  it('rejects models without logits', () => {
    const two = input({ shape: [2, 2, 3] });
    const y = flat().apply(two);
    const outputs = model({ inputs: two, outputs: [dense().apply(y), dense().apply(y)] as never });
    for (const [classifier, why] of [
      [sequential({ layers: [flat(), dense('tanh')] }), /tanh/],
      [outputs, /2 outputs/],
    ] as const) {
      expect(outputActivation(classifier)).toBe(classifier === outputs ? undefined : 'tanh');
      let error: unknown;
      try {
        applyLogits(classifier, image(), false);
      } catch (e) {
        error = e;
      }
      expect(error).toBeInstanceOf(FixresModelsError);
      expect((error as FixresModelsError).code).toBe('unsupported-output');
      expect((error as FixresModelsError).message).toMatch(why);
    }
  });
});
