import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../test/models.ts';
import { peers } from '../test/peers.ts';
import { smoothLabels } from './smooth-labels.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it.each(['keras', 'torch'] as const)('smoothLabels yields the cross-entropy of %s', (library) => {
  const { logits, labels, smoothings, losses } = peers[library].smoothing;
  const before = tf.memory().numTensors;
  smoothings.forEach((smoothing, i) => {
    const loss = tf.tidy(() => {
      const targets = smoothLabels(tf.tensor1d(labels, 'int32'), 4, smoothing);
      return Array.from(
        tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(tf.tensor2d(logits))), 1)).dataSync(),
      );
    });
    loss.forEach((value, image) => {
      expect(value).toBeCloseTo(losses[i]![image]!, 5);
    });
  });
  expect(tf.memory().numTensors).toBe(before);
});

it('smoothLabels mixes one-hot rows with the uniform distribution', () => {
  const targets = smoothLabels(tf.tensor1d([1, 0], 'int32'), 5, 0.1);
  const [first, second] = targets.arraySync();
  [0.02, 0.92, 0.02, 0.02, 0.02].forEach((value, i) => expect(first![i]).toBeCloseTo(value, 6));
  expect(second![0]).toBeCloseTo(0.92, 6);
  targets.dispose();
});

it('smoothLabels rejects a smoothing outside 0..1', () => {
  const labels = tf.tensor1d([0], 'int32');
  expect(() => smoothLabels(labels, 2, 1.5)).toThrow(
    'smoothing: received 1.5; allowed is a number from 0 to 1',
  );
  expect(() => smoothLabels(labels, 2, NaN)).toThrow('smoothing: received NaN');
  labels.dispose();
});
