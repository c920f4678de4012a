import { drawMix, resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { applyLogits, binaryCrossEntropy, createModel, sigmoidFocalLoss } from '@fixres/models';
import type { PlannedArm } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageBatch } from '../images/image-source.ts';
import { BatchMixer } from './batch-mixer.ts';
import { gradientStep } from './gradient-step.ts';
import { checkMultiLabel, multiLabelLoss, positiveWeightsOf } from './multi-label-loss.ts';
import { withTargets } from './train-arm.ts';

beforeAll(async () => {
  await useEngine({ engine: 'cpu' });
});

/** Four images of 8 x 8 pixels and three classes; the last has none. */
const targets = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0);
const batch: ImageBatch = {
  pixels: Uint8Array.from({ length: 4 * 192 }, (_, i) => (i * 7) % 256),
  shape: [4, 8, 8, 3],
  labels: Int32Array.of(0, 1, 0, -1),
  targets,
  indices: Uint32Array.of(0, 1, 2, 3),
};

describe('multiLabelLoss', () => {
  const labels = (): tf.Tensor1D => tf.tensor1d(batch.labels, 'int32');
  const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync<'float32'>()];

  it('is binary cross-entropy unless the arm has focal loss, with the settings of the arm', () => {
    tf.tidy(() => {
      const logits = tf.randomNormal<tf.Rank.R2>([4, 3], 0, 2, 'float32', 1);
      const wanted = tf.tensor2d(targets, [4, 3]);
      const positiveWeights = [1, 2, 3];
      const loss = (spec: Parameters<typeof multiLabelLoss>[0], weights?: number[]): number[] =>
        values(multiLabelLoss(spec, weights)(logits, labels(), wanted));
      expect(loss({})).toEqual(values(binaryCrossEntropy(logits, wanted)));
      expect(
        loss({ loss: { type: 'binary-cross-entropy', over: 'sum' } }, positiveWeights),
      ).toEqual(values(binaryCrossEntropy(logits, wanted, { over: 'sum', positiveWeights })));
      expect(loss({ loss: { type: 'focal', gamma: 1 } }, positiveWeights)).toEqual(
        values(sigmoidFocalLoss(logits, wanted, { gamma: 1, positiveWeights })),
      );
    });
  });

  it('counts the images with exactly their classes, and has a gradient for every variable', async () => {
    const options = { width: 2, classes: 3, classifierActivation: 'sigmoid', seed: 1 } as const;
    const model = createModel('resnet26v2', options);
    const handle = await applyFreezePolicy(model, 'all');
    tf.tidy(() => {
      const x = tf.tensor4d(Float32Array.from(batch.pixels), [4, 8, 8, 3]);
      const logits = applyLogits(model, x, true).arraySync();
      const wanted = logits.filter((row, i) =>
        row.every((logit, label) => Number(logit >= 0) === targets[i * 3 + label]),
      ).length;
      const step = gradientStep(model, handle, { loss: multiLabelLoss({}) });
      // The model's own answers are all correct.
      const own = tf.cast<tf.Tensor2D>(tf.greaterEqual(tf.tensor2d(logits), 0), 'float32');
      expect(step(x, labels(), own).correct.dataSync()[0]).toBe(4);
      const { loss, correct, gradients } = step(x, labels(), tf.tensor2d(targets, [4, 3]));
      expect(correct.dataSync()[0]).toBe(wanted);
      // The model has its sigmoid again, and the loss is that of its probabilities.
      const probabilities = values(model.apply(x, { training: true }) as tf.Tensor);
      const entropy = probabilities.map((p, i) => -Math.log(targets[i] === 1 ? p : 1 - p));
      expect(loss.dataSync()[0]).toBeCloseTo(entropy.reduce((a, b) => a + b) / 12, 5);
      expect(Object.keys(gradients)).toHaveLength(handle.gradientVariables.length);
    });
    model.dispose();
  });
});

describe('targets of several labels', () => {
  it('are smoothed towards one half, as in BinaryCrossentropy of Keras', () => {
    const smooth = withTargets(batch, { labelSmoothing: 0.2, classes: 3, multiLabel: true });
    // y (1 - s) + s / 2
    smooth.targets!.forEach((value, i) =>
      expect(value).toBeCloseTo(targets[i] === 1 ? 0.9 : 0.1, 6),
    );
    expect(withTargets(batch, { classes: 3, multiLabel: true })).toBe(batch);
  });

  it('are mixed with those of the partner, with the weight of its pixels', () => {
    const place = { seed: 3, epoch: 0, step: 0 };
    const mix = drawMix({ mixup: 0.5 }, resize(8).output, place)!;
    const mixed = new BatchMixer({ mixup: 0.5 }, 3).mix(batch, place);
    mixed.targets!.forEach((value, i) => {
      const partner = targets[(3 - Math.floor(i / 3)) * 3 + (i % 3)]!;
      expect(value).toBeCloseTo(targets[i]! * mix.weight + partner * (1 - mix.weight), 6);
    });
  });
});

describe('positiveWeightsOf', () => {
  const multiHot = (indices: Uint32Array): Float32Array =>
    Float32Array.from(
      [...indices].flatMap((index) => [...targets.subarray(index * 3, index * 3 + 3)]),
    );

  it('weighs the images with a class like those without it; 1 for a class without images', () => {
    const balanced = { name: 'a', classWeights: 'balanced' } as const;
    expect(positiveWeightsOf(balanced, 3, { count: 4, multiHot })).toEqual([1, 1, 1]);
    expect(positiveWeightsOf(balanced, 3, { count: 2, multiHot })).toEqual([1, 1, 1]);
    expect(positiveWeightsOf(balanced, 3, { count: 1, multiHot })).toEqual([0, 1, 0]);
    // More images than are counted at once: every third has class 0, none class 1, all class 2.
    const many = (indices: Uint32Array): Float32Array =>
      Float32Array.from([...indices].flatMap((index) => [index % 3 === 0 ? 1 : 0, 0, 1]));
    expect(positiveWeightsOf(balanced, 3, { count: 3000, multiHot: many })).toEqual([2, 1, 0]);
  });

  it('returns a list, and needs the labels for "balanced"', () => {
    const none = { count: 0, multiHot: undefined };
    expect(positiveWeightsOf({ name: 'a', classWeights: [1, 2] }, 2, none)).toEqual([1, 2]);
    expect(() => positiveWeightsOf({ name: 'a', classWeights: 'balanced' }, 2, none)).toThrow(
      /Arm "a" has classWeights "balanced", which requires a source/,
    );
  });
});

it.each<[Partial<PlannedArm>, RegExp]>([
  [{ loss: { type: 'cross-entropy' } }, /has loss "cross-entropy".*choose "binary-cross-entropy"/],
  [
    { sampling: 'class-balanced' },
    /has sampling "class-balanced", which needs one class per image/,
  ],
  [{ distill: { teacher: 'a', digest: '' } }, /has distill, which needs one class per image/],
])('checkMultiLabel refuses %j', (setting, message) => {
  expect(() => checkMultiLabel({ name: 'a', ...setting } as PlannedArm)).toThrow(message);
  expect(() => checkMultiLabel({ name: 'a', loss: { type: 'focal' } } as PlannedArm)).not.toThrow();
});
