import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { batchNormTraining, withSharedMoments } from './batch-norm-training.ts';

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

describe('withSharedMoments', () => {
  it('computes of the parts of a batch what the whole has', async () => {
    await setEngine('cpu');
    const parts = 3;
    const x = tf.tensor4d(
      Float32Array.from(fill('x', 360), (u) => 2 * u - 0.3),
      shape,
    );
    const gamma = tf.tensor1d(Float32Array.from(fill('gamma', 6)));
    const beta = tf.tensor1d(Float32Array.from(fill('beta', 6)));
    /** Output, and the gradients of the mean over the batch. */
    const run = (images: tf.Tensor4D): tf.Tensor[] => {
      const norm = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor =>
        batchNormTraining(
          a as tf.Tensor4D,
          b as tf.Tensor1D,
          c as tf.Tensor1D,
          1e-3,
          () => undefined,
        );
      const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Scalar =>
        tf.mean(tf.exp(norm(a, b, c)));
      return [norm(images, gamma, beta), ...tf.grads(loss)([images, gamma, beta])];
    };
    // The parts run one after another, again and again: each time one more mean is known.
    const means: tf.Tensor1D[] = [];
    let results: tf.Tensor[][] = [];
    for (let isMissing = true; isMissing;) {
      const seen: tf.Tensor1D[] = [];
      results = tf.split<tf.Tensor4D>(x, parts).map((part) => {
        let call = 0;
        const mean = (vector: tf.Tensor1D): tf.Tensor1D => {
          const known = means[call++];
          if (known === undefined && call === means.length + 1) seen.push(tf.keep(vector.clone()));
          return (known ?? vector).clone();
        };
        return withSharedMoments(mean, () => run(part));
      });
      isMissing = seen.length > 0;
      if (isMissing) means.push(tf.mean(tf.stack(seen), 0));
    }
    // For the output and for the gradients: mean and variance; sums of both backward passes.
    expect(means).toHaveLength(6);
    const whole = run(x);
    const together = [0, 1, 2, 3].map((i) => results.map((part) => part[i]!));
    const combined = [
      tf.concat(together[0]!),
      // The loss of the whole is the mean of those of its parts.
      tf.div(tf.concat(together[1]!), parts),
      tf.mean(tf.stack(together[2]!), 0),
      tf.mean(tf.stack(together[3]!), 0),
    ];
    for (const [i, tensor] of combined.entries())
      expect(
        relativeError(whole[i]!.dataSync<'float32'>(), tensor.dataSync<'float32'>()),
        `result ${i}`,
      ).toBeLessThan(1e-5);
    expect(() =>
      withSharedMoments(
        (vector) => vector,
        () => {
          throw new Error('stop');
        },
      ),
    ).toThrow('stop');
    // The next batch is whole again.
    expect(relativeError(whole[0]!.dataSync<'float32'>(), run(x)[0]!.dataSync<'float32'>())).toBe(
      0,
    );
  });
});
