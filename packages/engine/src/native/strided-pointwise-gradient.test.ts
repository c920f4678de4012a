// @module-tag native-engine
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients.
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../node/use-engine.ts';

type Shape4 = [number, number, number, number];

/** The filter's gradient of a 1x1 convolution, by a matrix product over the pixels that the filter sees. */
function expectedGradient(x: tf.Tensor4D, dy: tf.Tensor4D, stride: number): tf.Tensor {
  const [, , , channels] = x.shape;
  const seen = tf.reshape(tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]), [-1, channels]);
  return tf.matMul(seen, tf.reshape(dy, [-1, dy.shape[3]]), true);
}

describe('the filter gradient of strided 1x1 convolutions on the native engine', () => {
  beforeAll(() => useEngine({ engine: 'tensorflow' }));

  it('is that of a matrix product over the pixels seen', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 13 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
        fc.integer({ min: 2, max: 3 }),
        fc.constantFrom('valid', 'same'),
        ([batch, side, channels, filters], stride, pad) => {
          tf.tidy(() => {
            const x = tf.randomNormal<tf.Rank.R4>([batch, side, side, channels], 0, 1, 'float32', 1);
            const filter = tf.randomNormal<tf.Rank.R4>([1, 1, channels, filters], 0, 1, 'float32', 2);
            const out = Math.ceil(side / stride);
            const dyShape: Shape4 = [batch, out, out, filters];
            const dy = tf.randomNormal<tf.Rank.R4>(dyShape, 0, 1, 'float32', 3);
            const ours = tf.grad((f) => tf.conv2d(x, f as tf.Tensor4D, stride, pad))(filter, dy);
            const difference = tf.max(tf.abs(tf.sub(tf.reshape(ours, [channels, filters]), expectedGradient(x, dy, stride))));
            expect(difference.dataSync()[0]).toBeLessThan(1e-3);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('survives the shape that crashes the vendor kernel, and leaves no tensor', () => {
    const x = tf.randomNormal<tf.Rank.R4>([3, 12, 12, 4]);
    const filter = tf.randomNormal<tf.Rank.R4>([1, 1, 4, 16]);
    const gradient = tf.grad((f) => tf.conv2d(x, f as tf.Tensor4D, 2, 'valid'));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 800; i++) tf.tidy(() => gradient(filter).dataSync());
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, filter]);
  });
});
