import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { registerReluGrad } from './relu-grad.ts';
import { relu6Grad } from './relu6-grad.ts';

describe('relu6Grad', () => {
  const x = Float32Array.from(fill('relu6', 24), (u, i) => [0, 6][i % 8] ?? 9 * u);
  const dy = Float32Array.from(fill('dy', 24));
  // + 0 turns -0 into 0: engines differ in the sign of a zero.
  const expected = kernelFixtures().relu6.gradient.map((v) => Math.fround(v) + 0);
  const plain = (t: tf.Tensor): number[] => [...t.dataSync()].map((v) => v + 0);

  for (const engine of engines)
    it(
      `equals Keras on ${engine}, from the input and from the output, including both ends`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        expect(expected.filter((v) => v !== 0).length).toBeGreaterThan(4);
        tf.tidy(() => {
          const source = tf.tensor1d(x);
          for (const y of [source, tf.relu6(source)])
            expect(plain(relu6Grad(tf.tensor1d(dy), y))).toEqual(expected);
        });
      },
    );

  for (const engine of engines)
    it(`becomes the gradient of tf.relu6 on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      // Files share TensorFlow.js, so an earlier one may have registered the gradient already.
      const before = tf.getGradient('Relu6');
      const stock: tf.GradConfig = {
        kernelName: 'Relu6',
        inputsToSave: ['x'],
        gradFunc: () => {
          throw new Error('the gradient of tfjs was used');
        },
      };
      tf.registerGradient(stock);
      registerReluGrad();
      expect(tf.getGradient('Relu6')).not.toBe(stock);
      tf.tidy(() => {
        const gradient = tf.grad((a) => tf.sum(tf.mul(tf.relu6(a), tf.tensor1d(dy))))(
          tf.tensor1d(x),
        );
        expect(plain(gradient)).toEqual(expected);
      });
      tf.registerGradient(before);
    });
});
