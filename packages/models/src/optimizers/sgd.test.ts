import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { kernelFixtures, torchFixtures } from '../../test/support/fixtures.ts';
import { differenceToKeras } from '../../test/support/optimizer-steps.ts';
import { SGD, type SGDOptions } from './sgd.ts';

const keras = kernelFixtures().sgd;
const torch = torchFixtures().sgd;

for (const engine of engines)
  describe(`SGD on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it.each<[keyof typeof keras, SGDOptions]>([
      ['plain', {}],
      ['momentum', { momentum: 0.9 }],
      ['nesterov', { momentum: 0.9, nesterov: true }],
      ['decay', { momentum: 0.9, weightDecay: 0.1 }],
    ])('equals Keras, with a learning rate that changes: %s', (name, options) => {
      const before = tf.memory().numTensors;
      const make = (excluded: string): SGD =>
        new SGD(1e-2, { ...options, excludeFromDecay: (variable) => variable === excluded });
      expect(differenceToKeras(make, keras[name].steps)).toBeLessThan(1e-6);
      expect(tf.memory().numTensors).toBe(before);
    });

    it.each<[keyof typeof torch, SGDOptions]>([
      ['plain', {}],
      ['momentum', { momentum: 0.9 }],
      ['nesterov', { momentum: 0.9, nesterov: true }],
    ])("equals torch's coupled weight decay: %s", (name, options) => {
      const w = tf.variable(tf.tensor1d([1, -2, 0.25]));
      const curvature = tf.tensor1d([0.5, 1, 4]);
      const optimizer = new SGD(0.05, { ...options, l2: 0.1 });
      for (const expected of torch[name]) {
        optimizer.minimize(() => tf.sum(tf.mul(curvature, tf.div(tf.square(w), 2))), false, [w]);
        w.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
      }
      optimizer.dispose();
      tf.dispose([w, curvature]);
    });

    it('excludes variables from the coupled decay too', () => {
      const w = tf.variable(tf.tensor1d([1, 2]));
      const optimizer = new SGD(0.5, { l2: 0.1, excludeFromDecay: (name) => name === w.name });
      tf.tidy(() => optimizer.applyGradients({ [w.name]: tf.tensor1d([1, 0]) }));
      expect([...w.dataSync()]).toEqual([0.5, 2]);
      w.dispose();
    });
  });

describe('SGD', () => {
  it.each([
    ['momentum', () => new SGD(1, { momentum: 1 })],
    ['l2', () => new SGD(1, { l2: -1 })],
    ['l2', () => new SGD(1, { l2: 0.1, weightDecay: 0.1 })],
    ['nesterov', () => new SGD(1, { nesterov: true })],
    ['weightDecay', () => new SGD(1, { weightDecay: Infinity })],
  ])('names an invalid option: %s', (option, make) => {
    expect(make).toThrow(new RegExp(`Option ${option} is .*must be`));
  });

  it('can be restored from its configuration', () => {
    const config = { learningRate: 0.5, momentum: 0.8, nesterov: true, weightDecay: 0, l2: 1e-4 };
    expect(SGD.fromConfig<SGD>(SGD, config).getConfig()).toEqual(config);
  });
});
