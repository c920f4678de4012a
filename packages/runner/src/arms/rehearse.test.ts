import { resize, resizeFlip, shortSideCrop } from '@fixres/data';
import type { FreezePolicy } from '@fixres/finetune';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ArmSpec, PlannedExperiment } from '@fixres/runs';
import { rehearse } from './rehearse.ts';
import { runExperiment } from './run-experiment.ts';

beforeAll(() => tf.setBackend('cpu'));

const arm: ArmSpec = {
  name: 'small',
  description: '',
  initFrom: null,
  trainPolicy: resizeFlip(32),
  testPolicy: resize(32),
  epochs: 1,
  schedule: { type: 'constant', rate: 1 },
  freeze: 'all',
};
const late: ArmSpec = { ...arm, name: 'late', initFrom: 'small', freeze: 'classifier' };
const experiment: PlannedExperiment = {
  model: { name: 'resnet14v2', width: 4 },
  arms: [arm, late],
  evaluations: [resize(32)],
  comparisons: [],
  seeds: [0],
  batchSize: 4,
};
const nowhere: FreezePolicy = {
  name: 'mine',
  rules: [{ match: { layer: 'conv9' }, mode: 'train' }],
  otherwise: 'freeze',
};
const nothing: FreezePolicy = { name: 'still', rules: [], otherwise: 'freeze' };
const withLate = (changes: object): PlannedExperiment => ({
  ...experiment,
  arms: [arm, { ...late, ...changes }],
});

describe('rehearse', () => {
  it('accepts a valid experiment and leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    await rehearse(
      withLate({
        layerRates: { decay: 0.9 },
        optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4, kind: 'l2' } },
      }),
      { classes: 3 },
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, PlannedExperiment, string]>([
    [
      'a freeze rule that matches nothing',
      withLate({ freeze: nowhere }),
      'Arm "late": rule 1 (layer "conv9" -> train)',
    ],
    [
      'a freeze policy that trains no weight',
      withLate({ freeze: nothing }),
      'Arm "late" has 1 epoch, but freeze policy "still" trains no weights; it must have 0 epochs.',
    ],
    [
      'layer rates that match nothing',
      withLate({ layerRates: { rules: [{ match: { layer: 'conv9' }, multiplier: 2 }] } }),
      'Arm "late": ',
    ],
    [
      'an invalid optimiser',
      withLate({ optimizer: { type: 'adam', weightDecay: { rate: 1e-4, kind: 'l2' } } }),
      'Arm "late": Option "weightDecay.kind" is "l2", which requires sgd',
    ],
    [
      'an image size that is too small',
      withLate({ trainPolicy: resizeFlip(8) }),
      'Arm "late" has images of 8 x 8 pixels; a side must be a whole number from 32 to 4096',
    ],
    [
      'an evaluation whose image size is too small',
      { ...experiment, evaluations: [resize(32), shortSideCrop(16)] },
      'Evaluation "shortSideCrop" has images of 16 x 16 pixels; a side must be',
    ],
    [
      'an invalid learning rate',
      withLate({ schedule: { type: 'constant', rate: NaN } }),
      'Arm "late": rate: received NaN; allowed is a finite number of at least 0',
    ],
    [
      'a policy without steps',
      withLate({ trainPolicy: { ...resizeFlip(32), steps: [] } }),
      'Arm "late": ',
    ],
    [
      'an empty list of seeds',
      { ...experiment, seeds: [] },
      'The experiment: seeds: Too small: expected array to have >=1 items.',
    ],
    [
      'a repeated seed',
      { ...experiment, seeds: [1, 1] },
      'The experiment has seed 1 twice; seeds must differ.',
    ],
    [
      'an infinite batch size',
      { ...experiment, batchSize: Infinity },
      'The experiment: batchSize is Infinity: ',
    ],
    [
      'a model of width 1',
      { ...experiment, model: { name: 'resnet14v2', width: 1 } },
      'The experiment: model.width is 1: Too small: expected number to be >=4.',
    ],
  ])('refuses %s, as does a run before its first step', async (_, planned, message) => {
    const before = tf.memory().numTensors;
    const refused = { code: 'bad-option', message: expect.stringContaining(message) as string };
    await expect(rehearse(planned, { classes: 3 })).rejects.toMatchObject(refused);
    // Other options of a run are not accessed.
    await expect(
      runExperiment(planned, { dataset: { classes: ['a', 'b', 'c'] } } as never),
    ).rejects.toMatchObject(refused);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an image size that a custom model does not support', async () => {
    const { layers, sequential } = await import('@tensorflow/tfjs-layers');
    const openModel = () => {
      const convolutions = [0, 1].map((i) =>
        layers.conv2d({
          filters: 2,
          kernelSize: 5,
          ...(i === 0 && { inputShape: [null, null, 3] }),
        }),
      );
      const model = sequential({
        layers: [
          ...convolutions,
          layers.globalAveragePooling2d({}),
          layers.dense({ units: 3, name: 'predictions' }),
        ],
      });
      return Promise.resolve({ model, architecture: undefined });
    };
    const stored = { folder: 'own', digest: '', imageSize: 8, newClassifier: 'if-needed' } as const;
    const arms = [{ ...arm, trainPolicy: resizeFlip(9), testPolicy: resize(9) }];
    await rehearse(
      { ...experiment, model: stored, arms, evaluations: [resize(9)] },
      { classes: 3, openModel },
    );
    const small = {
      ...experiment,
      model: stored,
      arms: [{ ...arms[0]!, trainPolicy: resizeFlip(8) }],
      evaluations: [resize(9)],
    };
    await expect(rehearse(small, { classes: 3, openModel })).rejects.toThrow(
      'Arm "small" has images of 8 x 8 pixels, which the model does not support: ',
    );
  });
});
