import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy.ts';

const values = [...fill('logits', 20).map((u) => 3 * u), ...fill('far', 10).map((u) => 80 * u)];
const shares = [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0.2, 0.2, 0.2, 0.2, 0.2], [0, 0.7, 0, 0.3, 0], [0.9, 0.1, 0, 0, 0], [0.02, 0.02, 0.92, 0.02, 0.02]];

describe.each(engines)('softmaxCrossEntropy on %s', (engine) => {
  it('is the mean over the labels, weighted by their probabilities, and so is its gradient', async () => {
    await setEngine(engine);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const logits = tf.tensor2d(values, [6, 5]);
      const targets = tf.tensor2d(shares);
      const mixed = (x: tf.Tensor2D): tf.Tensor =>
        tf.addN(
          [0, 1, 2, 3, 4].map((label) => {
            const share = tf.reshape(tf.slice(targets, [0, label], [6, 1]), [6]);
            return tf.mul(share, sparseSoftmaxCrossEntropy(x, tf.fill([6], label, 'int32')));
          }),
        );
      expect(relativeError(softmaxCrossEntropy(logits, targets).dataSync(), mixed(logits).dataSync())).toBeLessThan(1e-6);
      const gradient = tf.grad((x) => tf.sum(softmaxCrossEntropy(x as tf.Tensor2D, targets)))(logits);
      const expected = tf.grad((x) => tf.sum(mixed(x as tf.Tensor2D)))(logits);
      expect(relativeError(gradient.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
