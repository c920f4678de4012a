import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { batchNormTraining } from './batch-norm-training.ts';

const shape: [number, number, number, number] = [3, 4, 5, 6];

/** Output, moments and all gradients for a loss that is not linear in the output. */
function run(): Float32Array[] {
  return tf.tidy(() => {
    const x = tf.tensor4d(
      Float32Array.from(fill('x', 360), (u) => 2 * u - 0.3),
      shape,
    );
    const gamma = tf.tensor1d(Float32Array.from(fill('gamma', 6)));
    const beta = tf.tensor1d(Float32Array.from(fill('beta', 6)));
    const moments: Float32Array[] = [];
    const norm = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor =>
      batchNormTraining(
        a as tf.Tensor4D,
        b as tf.Tensor1D,
        c as tf.Tensor1D,
        1e-3,
        (mean, variance) =>
          moments.push(mean.dataSync<'float32'>().slice(), variance.dataSync<'float32'>().slice()),
      );
    const gradients = tf.grads((a, b, c) => tf.sum(tf.exp(norm(a, b, c))))([x, gamma, beta]);
    return [
      norm(x, gamma, beta).dataSync<'float32'>(),
      ...moments.slice(0, 2),
      ...gradients.map((g) => g.dataSync<'float32'>()),
    ];
  });
}

describe('batchNormTraining', () => {
  it(
    'computes the same output, moments and gradients on every engine',
    { tags: 'native-engine' },
    async () => {
      const results: Float32Array[][] = [];
      for (const engine of engines) {
        await setEngine(engine);
        results.push(run());
      }
      const [native, ...composed] = results as [Float32Array[], ...Float32Array[][]];
      expect(native.length).toBe(6);
      for (const other of composed) {
        native.forEach((values, i) => expect(relativeError(values, other[i]!)).toBeLessThan(1e-5));
      }
    },
  );

  for (const engine of engines)
    it(`reports the biased variance on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      const seen: number[] = [];
      tf.tidy(() => {
        const x = tf.tensor4d([1, 2, 3, 6], [4, 1, 1, 1]);
        batchNormTraining(x, tf.ones([1]), tf.zeros([1]), 1e-3, (mean, variance) => {
          seen.push(...mean.dataSync(), ...variance.dataSync());
        });
      });
      expect(relativeError(seen, [3, 3.5])).toBeLessThan(1e-6);
    });
});
