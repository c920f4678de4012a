import { resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import type { Experiment } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { residualModel } from '../../test/recipe-training.ts';
import { smallImages } from '../../test/small-images.ts';
import { rangeTest, type RangeTestOptions } from './range-test.ts';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

const arm: Experiment['arms'][number] = {
  name: 'one',
  description: 'One.',
  initFrom: null,
  trainPolicy: resize(32),
  testPolicy: resize(32),
  epochs: 1,
  schedule: { type: 'constant', rate: 1e-3 },
  optimizer: { type: 'sgd', momentum: 0.9 },
  freeze: 'all',
};
const experiment: Experiment = {
  model: { folder: 'made', digest: '', imageSize: 32, newClassifier: 'if-needed' },
  arms: [arm, { ...arm, name: 'two', initFrom: 'one' }, { ...arm, name: 'none', epochs: 0 }],
  evaluations: [resize(32)],
  comparisons: [],
  seeds: [0],
  batchSize: 16,
};
const options: RangeTestOptions = {
  classes: 2,
  openModel: () => Promise.resolve({ model: residualModel(), architecture: undefined }),
  train: smallImages(40, 1),
  onWarning: () => undefined,
};

describe('rangeTest', () => {
  it('raises the rate until the loss diverges, suggests one before that, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const found = await rangeTest(experiment, { ...options, from: 1e-5, to: 1e4, updates: 90 });
    const { points, suggestion, diverged } = found;
    expect(points[0]!.learningRate).toBe(1e-5);
    expect(points[10]!.learningRate / points[9]!.learningRate).toBeCloseTo(10 ** (9 / 90), 6);
    expect(diverged).toBe(true);
    expect(points.length).toBeLessThan(90);
    const lowest = points.reduce((a, b) => (b.smoothed < a.smoothed ? b : a));
    expect(suggestion).toBeGreaterThan(1e-4);
    expect(suggestion).toBeLessThan(lowest.learningRate);
    expect(tf.memory().numTensors).toBe(before);
    const again = await rangeTest(experiment, { ...options, from: 1e-5, to: 1e4, updates: 90 });
    expect(again).toEqual(found);
  });

  it.each([
    [
      { arm: 'three' },
      'Option "arm" is "three"; it must be an arm of the experiment: one, two, none.',
    ],
    [{ arm: 'two' }, /Arm "two" is initialised from "one", which is not trained here/],
    [{ arm: 'none' }, /Arm "none" trains nothing/],
    [{ from: 0 }, 'Option "from" is 0; it must be a finite number above 0.'],
    [{ from: 1, to: 1 }, 'Option "to" is 1; it must be a finite number above "from", 1.'],
    [{ updates: 5 }, 'Option "updates" is 5; it must be a whole number of at least 20.'],
  ])('refuses %j', async (wrong, message) => {
    await expect(rangeTest(experiment, { ...options, ...wrong })).rejects.toThrow(message);
  });
});
