import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { differenceToKeras } from '../../test/support/optimizer-steps.ts';
import { Adam } from './adam.ts';

const { adam, adamDecay } = kernelFixtures();

for (const engine of engines)
  describe(`Adam on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    // The tolerance is 1e-4 of a step, because 1 - beta2^t has only four digits in float32. A
    // misplaced epsilon costs up to a whole step.
    it('equals Keras for gradients of all sizes, with a learning rate that changes', () => {
      const before = tf.memory().numTensors;
      expect(differenceToKeras(() => new Adam(1e-2), adam.steps)).toBeLessThan(1e-6);
      expect(tf.memory().numTensors).toBe(before);
    });

    it("equals Keras's AdamW with a variable that does not decay", () => {
      const make = (excluded: string): Adam =>
        new Adam(1e-2, { weightDecay: 0.1, excludeFromDecay: (name) => name === excluded });
      expect(differenceToKeras(make, adamDecay.steps)).toBeLessThan(1e-6);
      expect(
        differenceToKeras(() => new Adam(1e-2, { weightDecay: 0.1 }), adamDecay.steps),
      ).toBeGreaterThan(1e-4);
    });

    it('trains through model.compile without new tensors after the first step', async () => {
      const model = sequential({
        layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })],
      });
      model.compile({ optimizer: new Adam(0.1), loss: 'meanSquaredError' });
      const x = tf.tensor2d([
        [1, 0],
        [0, 1],
        [1, 1],
      ]);
      const y = tf.tensor2d([[1], [2], [3]]);
      const first = (await model.trainOnBatch(x, y)) as number;
      const count = tf.memory().numTensors;
      let last = first;
      for (let i = 0; i < 60; i++) last = (await model.trainOnBatch(x, y)) as number;
      expect(last).toBeLessThan(first / 20);
      expect(tf.memory().numTensors).toBe(count);
      model.dispose();
      tf.dispose([x, y]);
    });
  });

describe('Adam', () => {
  it.each([
    ['learningRate', () => new Adam(-1)],
    ['learningRate', () => new Adam(NaN)],
    ['beta1', () => new Adam(1, { beta1: 1 })],
    ['beta2', () => new Adam(1, { beta2: -0.1 })],
    ['epsilon', () => new Adam(1, { epsilon: 0 })],
    ['weightDecay', () => new Adam(1, { weightDecay: -1 })],
  ])('names an invalid option: %s', (option, make) => {
    expect(make).toThrow(new RegExp(`Option ${option} is .*must be`));
  });

  it('can be restored from its configuration', () => {
    const config = new Adam(0.5, {
      beta1: 0.8,
      beta2: 0.9,
      epsilon: 1e-3,
      weightDecay: 0.1,
    }).getConfig();
    const restored = Adam.fromConfig<Adam>(Adam, config);
    expect(restored.getConfig()).toEqual({
      learningRate: 0.5,
      beta1: 0.8,
      beta2: 0.9,
      epsilon: 1e-3,
      weightDecay: 0.1,
    });
  });
});
