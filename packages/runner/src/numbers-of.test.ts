import { useEngine } from '@fixres/engine';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { numbersOf } from './numbers-of.ts';

it('reads the numbers, leaves no tensor behind, and lets tidy look at none of them', async () => {
  await useEngine({ engine: 'cpu' });
  const image = tf.tensor1d([1, 2, 3]);
  const before = tf.memory().numTensors;
  const ends = vi.spyOn(tf.engine(), 'endScope');
  onTestFinished(() => ends.mockRestore());
  expect(numbersOf(() => tf.add(tf.mul(image, 2), 1))).toEqual(Float32Array.of(3, 5, 7));
  const returned = ends.mock.calls.map(([result]) => result);
  expect(returned.length).toBeGreaterThan(0);
  for (const result of returned) expect(result).toBeInstanceOf(tf.Tensor);
  expect(tf.memory().numTensors).toBe(before);
  image.dispose();
});
