import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { gap, layer, nestedModel, residualModel, scramble, wave } from '../../test/models.ts';
import { applyFreezePolicy } from '../freezing/apply-freeze-policy.ts';
import { atInputSize } from './at-input-size.ts';
import { replaceClassifier } from './replace-classifier.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('replaceClassifier', () => {
  it('keeps all layers except the classifier, whose new weights are seeded and small', async () => {
    const model = residualModel();
    const replaced = replaceClassifier(model, { classes: 7, seed: 3 });
    expect(replaced.outputs[0]!.shape).toEqual([null, 7]);
    expect(layer(replaced, 'b2_conv')).toBe(layer(model, 'b2_conv'));
    const [kernel, bias] = layer(replaced, 'predictions').getWeights() as [tf.Tensor, tf.Tensor];
    expect(kernel.shape).toEqual([4, 7]);
    const limit = Math.sqrt(6 / 11);
    const values = await kernel.data();
    expect(values.every((value) => Math.abs(value) <= limit)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(20);
    expect(await bias.data()).toEqual(new Float32Array(7));
    const again = replaceClassifier(residualModel(), { classes: 7, seed: 3 });
    expect(gap(layer(again, 'predictions').getWeights()[0]!, kernel)).toBe(0);
    const other = replaceClassifier(residualModel(), { classes: 7 });
    expect(gap(layer(other, 'predictions').getWeights()[0]!, kernel)).toBeGreaterThan(0);
    expect(
      (await applyFreezePolicy(replaced, 'classifier')).trainable.map(({ shape }) => shape),
    ).toEqual([[4, 7], [7]]);
  });

  it('gives each class its own probability with a sigmoid', () => {
    const replaced = replaceClassifier(residualModel(), { classes: 3, activation: 'sigmoid' });
    const softmax = replaceClassifier(residualModel(), { classes: 3 });
    const x = wave([2, ...(replaced.inputs[0]!.shape.slice(1) as number[])]);
    const [own, other] = [replaced, softmax].map((model) => [
      ...(model.predict(x) as tf.Tensor).dataSync<'float32'>(),
    ]) as [number[], number[]];
    // The same logits: their differences are those of the logarithms of a softmax.
    const logits = own.map((p) => Math.log(p / (1 - p)));
    for (const i of [1, 2])
      expect(logits[i]! - logits[0]!).toBeCloseTo(Math.log(other[i]! / other[0]!), 4);
  });

  it('looks back through an activation, and keeps a nested trunk', () => {
    const { dense, softmax } = tfl.layers;
    const sequential = tfl.sequential({
      layers: [
        dense({ units: 4, inputShape: [3], name: 'hidden' }),
        dense({ units: 2, name: 'logits' }),
        softmax(),
      ],
    });
    expect(replaceClassifier(sequential, { classes: 5 }).layers.map(({ name }) => name)).toEqual([
      expect.stringContaining('input'),
      'hidden',
      'logits',
    ]);
    const nested = replaceClassifier(nestedModel(), { classes: 5 });
    const probabilities = nested.predict(wave([2, 6, 6, 2])) as tf.Tensor;
    expect(probabilities.shape).toEqual([2, 5]);
    expect(Array.from(tf.sum(probabilities, 1).dataSync())).toEqual([
      expect.closeTo(1, 5),
      expect.closeTo(1, 5),
    ]);
  });

  it('replaces a convolution of one position, which MobileNetV3 ends in', () => {
    const { activation, conv2d, flatten, reshape } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        conv2d({ filters: 4, kernelSize: 3, inputShape: [3, 3, 2], name: 'features' }),
        conv2d({ filters: 3, kernelSize: 1, name: 'logits' }),
        flatten({ name: 'flat' }),
        reshape({ targetShape: [3], name: 'shaped' }),
        activation({ activation: 'softmax', name: 'soft' }),
      ],
    });
    const replaced = replaceClassifier(model, { classes: 5 });
    expect(replaced.layers.map(({ name }) => name).slice(-3)).toEqual([
      'features',
      'logits_features',
      'logits',
    ]);
    expect(replaced.outputs[0]!.shape).toEqual([null, 5]);
    expect(layer(replaced, 'features')).toBe(layer(model, 'features'));
  });

  it('puts a classifier behind a network without one, if asked to', () => {
    const { conv2d, globalMaxPooling2d } = tfl.layers;
    const map = conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 1], name: 'map' });
    const network = tfl.sequential({ layers: [map] });
    const replaced = replaceClassifier(network, { classes: 3, append: true });
    expect(replaced.layers.map(({ name }) => name).slice(1)).toEqual([
      'map',
      'avg_pool_features',
      'predictions',
    ]);
    network.add(globalMaxPooling2d({ name: 'pool' }));
    const pooled = replaceClassifier(network, { classes: 3, append: true });
    expect(pooled.layers.map(({ name }) => name).slice(-2)).toEqual(['pool', 'predictions']);
  });

  it('rejects models with another end', () => {
    const { conv2d, globalAveragePooling2d } = tfl.layers;
    const pooled = tfl.sequential({
      name: 'pooled',
      layers: [
        conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 1] }),
        globalAveragePooling2d({ name: 'pool' }),
      ],
    });
    expect(() => replaceClassifier(pooled, { classes: 2 })).toThrow(
      expect.objectContaining({
        code: 'no-classifier',
        message: expect.stringContaining('it ends in pool (GlobalAveragePooling2D)') as string,
      }),
    );
  });
});

describe('atInputSize', () => {
  it('creates a model for another size with the same weights, also in nested trunks', async () => {
    for (const model of [residualModel(), nestedModel()]) {
      const larger = await atInputSize(model, 9);
      expect(larger.inputs[0]!.shape).toEqual([null, 9, 9, 2]);
      const x = wave([2, 6, 6, 2]);
      const back = await atInputSize(larger, 6);
      expect(gap(back.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor)).toBe(0);
      expect((larger.predict(wave([2, 9, 9, 2])) as tf.Tensor).shape).toEqual([2, 3]);
    }
  });

  it('opens a model for any size', async () => {
    for (const model of [residualModel(), nestedModel()]) {
      const open = await atInputSize(model, null);
      expect(open.inputs[0]!.shape).toEqual([null, null, null, 2]);
      const x = wave([2, 6, 6, 2]);
      expect(gap(open.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor)).toBe(0);
      const large = wave([2, 9, 9, 2]);
      const larger = await atInputSize(model, 9);
      expect(gap(open.predict(large) as tf.Tensor, larger.predict(large) as tf.Tensor)).toBe(0);
      expect(await atInputSize(open, null)).toBe(open);
    }
  });

  it('returns a model that already accepts the size unchanged', async () => {
    const { conv2d, globalAveragePooling2d } = tfl.layers;
    const open = tfl.sequential({
      layers: [
        conv2d({ filters: 2, kernelSize: 1, inputShape: [null, null, 1] }),
        globalAveragePooling2d({}),
      ],
    });
    expect(await atInputSize(open, 50)).toBe(open);
    const fixed = residualModel();
    expect(await atInputSize(fixed, 6)).toBe(fixed);
  });

  it('reports a Reshape that fits only one size, and accepts one behind global pooling', async () => {
    const { conv2d, globalAveragePooling2d, reshape } = tfl.layers;
    const reshaped = (targetShape: number[], ...between: tfl.layers.Layer[]): tfl.Sequential =>
      tfl.sequential({
        name: 'tokens',
        layers: [
          conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 1] }),
          ...between,
          reshape({ targetShape, name: 'reshape' }),
        ],
      });
    const outer = tfl.sequential({ name: 'outer', layers: [reshaped([16, 2])] });
    await expect(atInputSize(outer, null)).rejects.toMatchObject({
      code: 'fixed-size',
      message:
        'Model "outer" is for images of 4x4 only: its layer "reshape" (Reshape) gives [16, 2] at any size',
    });
    const pooled = reshaped([1, 1, 2], globalAveragePooling2d({}));
    expect((await atInputSize(pooled, null)).inputs[0]!.shape).toEqual([null, null, null, 1]);
    expect((await atInputSize(reshaped([-1, 2]), null)).outputs[0]!.shape).toEqual([null, null, 2]);
  });

  it('reports weights that fit only one size', async () => {
    const { conv2d, dense, flatten } = tfl.layers;
    const flat = tfl.sequential({
      name: 'flat',
      layers: [
        conv2d({ filters: 2, kernelSize: 1, inputShape: [4, 4, 1] }),
        flatten(),
        dense({ units: 2 }),
      ],
    });
    scramble(flat);
    await expect(atInputSize(flat, null)).rejects.toMatchObject({
      code: 'fixed-size',
      message: expect.stringContaining(
        'Model "flat" is for images of 4x4 only: at another size its weights do not fit (',
      ) as string,
    });
    await expect(atInputSize(flat, 8)).rejects.toMatchObject({
      code: 'fixed-size',
      message: expect.stringContaining('Model "flat" is for images of 4x4 only') as string,
    });
  });
});
