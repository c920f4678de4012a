import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy.ts';

const { labels, loss, gradient } = kernelFixtures().crossEntropy;
const values = [...fill('logits', 20).map((u) => 3 * u), ...fill('far', 10).map((u) => 80 * u)];

for (const engine of engines)
  describe(`sparseSoftmaxCrossEntropy on ${engine}`, onEngine(engine), () => {
    it('equals Keras, even where probabilities would be clipped', async () => {
      await setEngine(engine);
      expect(Math.max(...loss)).toBeGreaterThan(-Math.log(1e-7));
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const logits = tf.tensor2d(values, [6, 5]);
        const $labels = tf.tensor1d(labels, 'int32');
        const weights = tf.tensor1d([...fill('weights', 6)]);
        expect(
          relativeError(sparseSoftmaxCrossEntropy(logits, $labels).dataSync(), loss),
        ).toBeLessThan(1e-6);
        const weighted = (x: tf.Tensor): tf.Tensor =>
          tf.sum(tf.mul(sparseSoftmaxCrossEntropy(x as tf.Tensor2D, $labels), weights));
        expect(relativeError(tf.grad(weighted)(logits).dataSync(), gradient.flat())).toBeLessThan(
          1e-5,
        );
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    it('does not ignore a label that is not a class', async () => {
      await setEngine(engine);
      const run = (label: number): number =>
        tf.tidy(
          () =>
            sparseSoftmaxCrossEntropy(
              tf.zeros([1, 3]),
              tf.tensor1d([label], 'int32'),
            ).dataSync()[0]!,
        );
      expect(run(2)).toBeCloseTo(Math.log(3), 6);
      if (engine === 'tensorflow') expect(() => run(3)).toThrow(/label/i);
      else expect(run(3)).toBe(Infinity);
    });
  });
