import { imagenetMeanStd, inputScalings, toPlusMinusOne } from '@fixres/data';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { contractClassifier, contractInput } from './contract-classifier.ts';

beforeAll(() => tf.setBackend('cpu'));

const levels = (): tf.Tensor4D => tf.tensor4d([0, 127.5, 255, 51, 102, 204], [1, 1, 2, 3]);

describe('contractInput', () => {
  it('scales according to the contract', () => {
    expect(
      Array.from(
        contractInput(levels(), { normalisation: toPlusMinusOne, layout: 'NHWC' }).dataSync(),
      ),
    ).toEqual([-1, 0, 1, -0.6, -0.2, 0.6].map((value) => expect.closeTo(value, 6) as number));
  });

  it('subtracts means and divides by deviations of values 0..1', () => {
    const { mean, std } = imagenetMeanStd as { mean: number[]; std: number[] };
    const expected = [0, 0.5, 1, 0.2, 0.4, 0.8].map(
      (value, i) => expect.closeTo((value - mean[i % 3]!) / std[i % 3]!, 5) as number,
    );
    expect(
      Array.from(
        contractInput(levels(), { normalisation: imagenetMeanStd, layout: 'NHWC' }).dataSync(),
      ),
    ).toEqual(expected);
  });

  it('puts blue first', () => {
    const input = contractInput(levels(), { ...inputScalings.caffe, layout: 'NHWC' });
    const expected = [255 - 103.939, 127.5 - 116.779, -123.68, 204 - 103.939, 102 - 116.779];
    expect(Array.from(input.dataSync()).slice(0, 5)).toEqual(
      expected.map((value) => expect.closeTo(value, 4) as number),
    );
  });

  it('puts channels first, and keeps levels unscaled', () => {
    const input = contractInput(levels(), {
      normalisation: { kind: 'scale', scale: 1, offset: 0 },
      layout: 'NCHW',
    });
    expect(input.shape).toEqual([1, 3, 1, 2]);
    expect(Array.from(input.dataSync())).toEqual([0, 51, 127.5, 102, 255, 204]);
  });
});

describe('contractClassifier', () => {
  it.each(['softmax', 'linear'] as const)(
    'returns probabilities for a model that ends in %s',
    (activation) => {
      const weights = [tf.tensor2d([1, 0, 0, 2, 1, 1], [3, 2]), tf.tensor1d([0, 1])];
      const model = sequential({
        layers: [
          layers.globalAveragePooling2d({ inputShape: [1, 2, 3], dataFormat: 'channelsLast' }),
          layers.dense({ units: 2, activation, weights }),
        ],
      });
      const before = tf.memory().numTensors;
      const images = levels();
      const classifier = contractClassifier(model, {
        normalisation: { kind: 'scale', scale: 1 / 255, offset: 0 },
        layout: 'NHWC',
      });
      const probabilities = classifier.apply(images, {}) as tf.Tensor;
      // Means over the two pixels: 0.1, 0.45, 0.9.
      const [a, b] = [0.1 + 0.9, 2 * 0.45 + 0.9 + 1];
      expect(probabilities.dataSync()[0]).toBeCloseTo(Math.exp(a) / (Math.exp(a) + Math.exp(b)), 5);
      tf.dispose([images, probabilities]);
      const several = contractClassifier(model, {
        normalisation: { kind: 'scale', scale: 1 / 255, offset: 0 },
        layout: 'NHWC',
        head: { activation: 'sigmoid', thresholds: [0.5, 0.5] },
      });
      const again = levels();
      const ofEach = several.apply(again, {}) as tf.Tensor;
      expect(ofEach.dataSync()[1]).toBeCloseTo(1 / (1 + Math.exp(-b)), 5);
      tf.dispose([again, ofEach]);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
