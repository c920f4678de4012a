import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { recipeFixtures } from '../../test/support/fixtures.ts';
import { differenceToKeras } from '../../test/support/optimizer-steps.ts';
import { LAMB } from './lamb.ts';
import { RMSprop } from './rmsprop.ts';
import type { SlotOptimizer } from './slot-optimizer.ts';

const { optimizers, kerasRmsprop } = recipeFixtures();
const first = { epsilon: 1e-3, initialAccumulator: 1 };
const cases: [string, (excluded: string) => SlotOptimizer, (typeof optimizers)['lamb']][] = [
  ["timm's Lamb without decay", () => new LAMB(1e-2), optimizers.lamb],
  [
    "timm's Lamb",
    (excluded) =>
      new LAMB(1e-2, { weightDecay: 0.1, excludeFromDecay: (name) => name === excluded }),
    optimizers.lambDecay,
  ],
  ["timm's RMSpropTF", () => new RMSprop(1e-2, { momentum: 0.9, ...first }), optimizers.rmsprop],
  [
    "timm's RMSpropTF with decoupled decay",
    (excluded) =>
      new RMSprop(1e-2, {
        weightDecay: 0.1,
        excludeFromDecay: (name) => name === excluded,
        ...first,
      }),
    optimizers.rmspropDecay,
  ],
  ["Keras's RMSprop", () => new RMSprop(1e-2, { momentum: 0.9 }), kerasRmsprop],
];

for (const engine of engines)
  describe(`on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it.each(cases)('equals %s, with a learning rate that changes', (_, make, { steps }) => {
      const before = tf.memory().numTensors;
      expect(differenceToKeras(make, steps)).toBeLessThan(2e-6);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

describe('LAMB and RMSprop', () => {
  it.each([
    ['beta1', () => new LAMB(1, { beta1: 1 })],
    ['beta2', () => new LAMB(1, { beta2: -0.1 })],
    ['epsilon', () => new LAMB(1, { epsilon: 0 })],
    ['rho', () => new RMSprop(1, { rho: 1 })],
    ['momentum', () => new RMSprop(1, { momentum: -1 })],
    ['epsilon', () => new RMSprop(1, { epsilon: Infinity })],
    ['initialAccumulator', () => new RMSprop(1, { initialAccumulator: -1 })],
  ])('name an invalid option: %s', (option, make) => {
    expect(make).toThrow(new RegExp(`Option ${option} is .*must be`));
  });

  it('can be restored from their configurations', () => {
    const lamb = { learningRate: 0.5, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1 };
    expect(LAMB.fromConfig<LAMB>(LAMB, lamb).getConfig()).toEqual(lamb);
    const rmsprop = { learningRate: 0.5, rho: 0.8, momentum: 0.1, weightDecay: 0, ...first };
    expect(RMSprop.fromConfig<RMSprop>(RMSprop, rmsprop).getConfig()).toEqual(rmsprop);
  });
});
