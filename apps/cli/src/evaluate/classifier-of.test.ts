import { imagenetMeanStd, type Normalisation, preprocessingContract, shortSideCrop, toPlusMinusOne } from '@fixres/data';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { classifierOf } from './classifier-of.ts';

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

function model(activation: 'softmax' | 'linear'): tfl.LayersModel {
  const { globalAveragePooling2d, dense } = tfl.layers;
  const head = dense({ units: 2, activation, kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) });
  return tfl.sequential({ layers: [globalAveragePooling2d({ inputShape: [8, 8, 3] }), head] });
}

const contract = (normalisation: Normalisation): ReturnType<typeof preprocessingContract> => preprocessingContract(shortSideCrop(8), { normalisation });
const images = (): tf.Tensor4D => tf.randomUniform([3, 8, 8, 3], 0, 255, 'float32', 5);

it('is the model itself where levels go in and a softmax comes out', () => {
  const own = model('softmax');
  // Not toBe: it would print a whole model.
  expect(classifierOf(own, undefined) === own).toBe(true);
  expect(classifierOf(own, contract({ kind: 'scale', scale: 1, offset: 0 })) === own).toBe(true);
});

it('normalises as the contract says, and turns logits into probabilities', () => {
  const x = images();
  const expected: [Normalisation, (levels: tf.Tensor4D) => tf.Tensor4D][] = [
    [toPlusMinusOne, (levels) => tf.sub(tf.div(levels, 127.5), 1)],
    [imagenetMeanStd, (levels) => tf.div(tf.sub(tf.div(levels, 255), [0.485, 0.456, 0.406]), [0.229, 0.224, 0.225])],
  ];
  for (const activation of ['softmax', 'linear'] as const) {
    const own = model(activation);
    for (const [normalisation, normalise] of expected) {
      const probabilities = classifierOf(own, contract(normalisation)).apply(x, {}) as tf.Tensor2D;
      const output = own.apply(normalise(x)) as tf.Tensor2D;
      const wanted = activation === 'softmax' ? output : tf.softmax(output);
      wanted.dataSync().forEach((p, i) => expect(probabilities.dataSync()[i]).toBeCloseTo(p, 5));
      expect(tf.sum(probabilities).dataSync()[0]).toBeCloseTo(3, 5);
    }
  }
});

it('leaves no tensor but its result', () => {
  const [own, x] = [model('linear'), images()];
  const classifier = classifierOf(own, contract(imagenetMeanStd));
  const before = tf.memory().numTensors;
  (classifier.apply(x, {}) as tf.Tensor).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses channels first', () => {
  const planar = preprocessingContract(shortSideCrop(8), { normalisation: toPlusMinusOne, layout: 'NCHW' });
  expect(() => classifierOf(model('softmax'), planar)).toThrow('The model takes channels first (NCHW)');
});
