import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useEngine } from '../use-engine.ts';

describe('copyUploads', { tags: ['native-engine'] }, () => {
  it.each([
    ['float32', Float32Array],
    ['int32', Int32Array],
    ['bool', Uint8Array],
  ] as const)('TensorFlow keeps no array of %s numbers', async (dtype, Numbers) => {
    await useEngine({ engine: 'tensorflow', device: 'cpu' });
    // TensorFlow shares about one in four, by its address.
    const arrays = Array.from({ length: 200 }, () => new Numbers(64 * 4).fill(1));
    const tensors = arrays.map((values) => tf.tensor1d(values, dtype));
    const sums = (): number[] => tensors.map((each) => tf.tidy(() => tf.sum(each).dataSync()[0]!));
    expect(new Set(sums())).toEqual(new Set([256]));
    for (const values of arrays) values.fill(0);
    expect(new Set(sums())).toEqual(new Set([256]));
    tf.dispose(tensors);
  });

  it('gives TensorFlow all numbers, of arrays of any length and place', async () => {
    await useEngine({ engine: 'tensorflow', device: 'cpu' });
    for (const [length, offset] of [
      [0, 0],
      [1, 0],
      [5, 3],
      [7, 4],
      [3_000_000, 0],
      [10, 0],
    ] as const) {
      const values = new Float32Array(offset + length).map((_, i) => i).subarray(offset);
      // Read outside of tidy, which looks at each number that its function returns.
      const sum = tf.tidy(() => tf.add(tf.tensor1d(values), 0));
      const same = sum.dataSync();
      sum.dispose();
      expect(
        Buffer.compare(
          Buffer.from(same.buffer, same.byteOffset, same.byteLength),
          Buffer.from(values.buffer, values.byteOffset, values.byteLength),
        ),
      ).toBe(0);
    }
  });
});
