import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { atInputSize } from './at-input-size.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const wide = { height: 8, width: 12 };

function stack(...ends: layers.Layer[]): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 2, strides: 2, inputShape: [8, 12, 3] }),
      ...ends,
      layers.dense({ units: 2 }),
    ],
  });
}

function answer(model: LayersModel, images: tf.Tensor): number[] {
  return tf.tidy(() => [...(model.predict(images) as tf.Tensor).dataSync()]);
}

it('opens a model of one rectangle for others, and one of squares for rectangles', async () => {
  const model = stack(layers.globalAveragePooling2d({}));
  const images = tf.randomUniform([2, 6, 10, 3], 0, 1, 'float32', 1);
  const open = await atInputSize(model, null);
  const small = await atInputSize(model, { height: 6, width: 10 });
  expect(small.inputs[0]!.shape).toEqual([null, 6, 10, 3]);
  expect(answer(small, images)).toEqual(answer(open, images));
  const square = await atInputSize(model, 6);
  const turned = await atInputSize(square, { height: 6, width: 10 });
  expect(answer(turned, images)).toEqual(answer(open, images));
  expect(await atInputSize(model, wide)).toBe(model);
  for (const each of [images, model, open, small, square, turned]) each.dispose();
});

it.each([
  ['Flatten', () => [layers.flatten({ name: 'end' })]],
  ['Reshape', () => [layers.reshape({ targetShape: [48], name: 'end' })]],
  // 4 x 6 cells, in as many rows of the sequence.
  ['Reshape', () => [layers.reshape({ targetShape: [24, 2], name: 'end' }), layers.flatten()]],
])('refuses a turned rectangle for a %s that keeps the number of values', async (kind, ends) => {
  const model = stack(...ends());
  await expect(atInputSize(model, { height: 12, width: 8 })).rejects.toMatchObject({
    code: 'fixed-size',
    message: `Model "${model.name}" is for images of 8x12 only: its layer "end" (${kind}) takes maps of 4x6x2, not of 6x4x2`,
  });
  await expect(atInputSize(model, { height: 8, width: 14 })).rejects.toMatchObject({
    code: 'fixed-size',
  });
  expect(await atInputSize(model, wide)).toBe(model);
  model.dispose();
});
