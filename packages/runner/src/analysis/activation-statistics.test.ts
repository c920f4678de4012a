// @module-tag native-engine
import { resize, toPlusMinusOne } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { activationQuantiles } from '@fixres/runs';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { compileForward } from '../node/compiled/compile-forward.ts';
import { activationStatistics, beforePooling } from './activation-statistics.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const batches = (size: number): AsyncIterable<ImageBatch> =>
  smallImages(12, 1).batches({
    policy: resize(size),
    batchSize: 5,
    seed: 0,
    epoch: 0,
    shuffle: false,
  });

async function collect(size: number): Promise<ImageBatch[]> {
  const all: ImageBatch[] = [];
  for await (const batch of batches(size)) all.push(batch);
  return all;
}

describe('activationStatistics', () => {
  it('equals the statistics over all values at once', async () => {
    const model = createModel('resnet14v2', { classes: 3, width: 4, seed: 1 });
    const before = tf.memory().numTensors;
    const statistics = await activationStatistics(model, batches(64));
    expect(tf.memory().numTensors).toBe(before);
    expect(statistics).toMatchObject({ layer: 'post_relu', images: 12, shape: [2, 2, 128] });

    const relu = tfl.model({ inputs: model.inputs, outputs: model.getLayer('post_relu').output });
    const maps = tf.concat(
      (await collect(64)).map((batch) => relu.apply(imageTensor(batch)) as tf.Tensor4D),
    );
    for (const [tensor, spread] of [
      [maps, statistics.map],
      [tf.mean(maps, [1, 2]), statistics.pooled],
    ] as const) {
      const values = tensor.dataSync<'float32'>().toSorted();
      const { mean, variance } = tf.moments(tensor);
      expect(spread.mean).toBeCloseTo(mean.dataSync()[0]!, 4);
      expect(spread.sd).toBeCloseTo(Math.sqrt(variance.dataSync()[0]!), 4);
      expect(spread.zeros).toBeCloseTo(
        values.filter((value) => value === 0).length / values.length,
        12,
      );
      activationQuantiles.forEach((q, i) => {
        const exact = values[Math.floor(q * (values.length - 1))]!;
        expect(Math.abs(spread.quantiles[i]! - exact)).toBeLessThanOrEqual(0.006 * exact + 1e-6);
      });
    }
    // The output of a ReLU has many zeros; its spatial means have fewer.
    expect(statistics.map.zeros).toBeGreaterThan(statistics.pooled.zeros);
  });

  it('takes a compiled forward pass for the layers before the pooling', async () => {
    const model = createModel('resnet14v2', { classes: 3, width: 4, seed: 1 });
    const forward = compileForward(beforePooling(model), { size: 64, batchSizes: [5, 2] });
    const before = tf.memory().numTensors;
    const compiled = await activationStatistics(model, batches(64), { forward });
    expect(tf.memory().numTensors).toBe(before);
    forward.dispose();
    const expected = await activationStatistics(model, batches(64));
    expect(compiled).toMatchObject({ layer: 'post_relu', images: 12, shape: expected.shape });
    for (const part of ['map', 'pooled'] as const) {
      expect(compiled[part].mean).toBeCloseTo(expected[part].mean, 5);
      expect(compiled[part].sd).toBeCloseTo(expected[part].sd, 5);
    }
  });

  it('prepares the images according to a contract', async () => {
    const plain = createModel('resnet14v2', { classes: 3, width: 4, seed: 1 });
    const inside = createModel('resnet14v2', {
      classes: 3,
      width: 4,
      seed: 1,
      rescaling: { scale: 1 / 127.5, offset: -1 },
    });
    const contract = { normalisation: toPlusMinusOne, layout: 'NHWC' } as const;
    const [left, right] = [
      await activationStatistics(plain, batches(32), { contract }),
      await activationStatistics(inside, batches(32)),
    ];
    expect(left.map.mean).toBeCloseTo(right.map.mean, 5);
    expect(left.pooled.quantiles[4]).toBeCloseTo(right.pooled.quantiles[4]!, 4);
  });

  it('measures another layer on request', async () => {
    const model = createModel('resnet14v2', { classes: 3, width: 4 });
    const { shape, map } = await activationStatistics(model, await collect(32), {
      layer: 'post_bn',
    });
    expect(shape[2]).toBe(128);
    expect(map.quantiles[0]).toBeLessThan(0);
  });

  it('measures the input of the pooling if layers are shared by several models', async () => {
    const { globalAveragePooling2d, conv2d, dense } = tfl.layers;
    const trunk = tfl.sequential({
      name: 'trunk',
      layers: [conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3], activation: 'relu' })],
    });
    const image = tfl.input({ shape: [8, 8, 3] });
    const pooling = globalAveragePooling2d({ dataFormat: 'channelsLast' });
    pooling.apply(tfl.input({ shape: [2, 2, 4] }));
    const model = tfl.model({
      inputs: image,
      outputs: dense({ units: 2 }).apply(pooling.apply(trunk.apply(image))) as tfl.SymbolicTensor,
    });
    expect(await activationStatistics(model, await collect(8))).toMatchObject({
      layer: 'trunk',
      shape: [6, 6, 4],
      images: 12,
    });
  });

  it('refuses missing layers, layers without maps, and zero images', async () => {
    const model = createModel('resnet14v2', { classes: 3, width: 4 });
    const refuse = async (layer: string, message: RegExp): Promise<void> => {
      await expect(activationStatistics(model, [], { layer })).rejects.toThrow(message);
    };
    await refuse(
      'post_rulu',
      /^Option "layer" is "post_rulu"; layers with maps \[b, h, w, c\] are .*post_relu and \d+ before them\.$/,
    );
    await refuse('predictions', /^Option "layer" is "predictions"; /);
    await expect(activationStatistics(model, [])).rejects.toThrow('Option "batches" is empty');
    const flat = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
    await expect(activationStatistics(flat, [])).rejects.toThrow(
      'is not given, and the model has no GlobalAveragePooling2D; layers with maps [b, h, w, c] are none.',
    );
  });
});
