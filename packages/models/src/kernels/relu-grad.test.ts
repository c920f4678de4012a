import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { registerReluGrad, reluGrad } from './relu-grad.ts';

const f32 = (key: string): Float32Array => Float32Array.from(fill(key, 24));

describe('reluGrad', () => {
  const x = f32('relu').map((value, i) => (i % 6 === 0 ? 0 : value));
  // + 0 turns -0 into 0: engines differ in the sign of a zero.
  const expected = kernelFixtures().relu.gradient.map((v) => Math.fround(v) + 0);

  for (const engine of engines)
    it(
      `equals Keras on ${engine}, from the input and from the output, including zeros`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        tf.tidy(() => {
          const source = tf.tensor1d(x);
          const dy = tf.tensor1d(f32('dy'));
          for (const y of [source, tf.relu(source)]) {
            expect([...reluGrad(dy, y).dataSync()].map((v) => v + 0)).toEqual(expected);
          }
        });
      },
    );

  for (const engine of engines)
    it(`becomes the gradient of tf.relu on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      // Files share TensorFlow.js, so an earlier one may have registered the gradient already.
      const before = tf.getGradient('Relu');
      const stock: tf.GradConfig = {
        kernelName: 'Relu',
        inputsToSave: ['x'],
        gradFunc: () => {
          throw new Error('the gradient of tfjs was used');
        },
      };
      tf.registerGradient(stock);
      registerReluGrad();
      expect(tf.getGradient('Relu')).not.toBe(stock);
      tf.tidy(() => {
        const gradient = tf.grad((a) => tf.sum(tf.mul(tf.relu(a), tf.tensor1d(f32('dy')))))(
          tf.tensor1d(x),
        );
        expect([...gradient.dataSync()].map((v) => v + 0)).toEqual(expected);
      });
      // A tfjs bundle that is loaded later does this.
      tf.registerGradient(stock);
      registerReluGrad();
      expect(tf.getGradient('Relu')).not.toBe(stock);
      tf.registerGradient(before);
    });
});
