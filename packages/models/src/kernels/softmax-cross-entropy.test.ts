import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy.ts';

const { targets, loss, gradient } = kernelFixtures().softCrossEntropy;
const values = [...fill('logits', 20).map((u) => 3 * u), ...fill('far', 10).map((u) => 80 * u)];

for (const engine of engines)
  describe(`softmaxCrossEntropy on ${engine}`, onEngine(engine), () => {
    it('equals Keras, even where probabilities would be clipped', async () => {
      await setEngine(engine);
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const logits = tf.tensor2d(values, [6, 5]);
        const $targets = tf.tensor2d(targets);
        const weights = tf.tensor1d([...fill('weights', 6)]);
        expect(relativeError(softmaxCrossEntropy(logits, $targets).dataSync(), loss)).toBeLessThan(
          1e-6,
        );
        const weighted = (x: tf.Tensor): tf.Tensor =>
          tf.sum(tf.mul(softmaxCrossEntropy(x as tf.Tensor2D, $targets), weights));
        expect(relativeError(tf.grad(weighted)(logits).dataSync(), gradient.flat())).toBeLessThan(
          1e-5,
        );
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    it('equals the loss of class numbers if one class has all the weight', async () => {
      await setEngine(engine);
      tf.tidy(() => {
        const logits = tf.tensor2d(values, [6, 5]);
        const labels = tf.tensor1d([0, 4, 2, 1, 3, 3], 'int32');
        const oneHot = tf.cast(tf.oneHot(labels, 5), 'float32') as tf.Tensor2D;
        const expected = sparseSoftmaxCrossEntropy(logits, labels).dataSync();
        expect(
          relativeError(softmaxCrossEntropy(logits, oneHot).dataSync(), expected),
        ).toBeLessThan(1e-6);
      });
    });

    it('rejects targets of another shape', async () => {
      await setEngine(engine);
      tf.tidy(() => {
        expect(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([1, 3]))).toThrow(
          /targets has shape \[1,3\].*\[2,3\]/,
        );
      });
    });
  });
