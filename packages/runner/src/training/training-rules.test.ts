import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import type { ArmSpec } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { residualModel } from '../../test/recipe-training.ts';
import { classWeightsOf } from './class-weights.ts';
import { gradientLimit } from './gradient-limit.ts';
import { gradientStep } from './gradient-step.ts';
import { lossOf } from './loss-of.ts';
import { trainingRules } from './training-rules.ts';

beforeAll(async () => {
  await useEngine({ engine: 'cpu' });
});

describe('classWeightsOf', () => {
  const labels = Int32Array.of(0, 0, 0, 2, 2, 2, 2, 0);

  it('balances classes as scikit-learn does; a class without images has the factor 1', () => {
    // compute_class_weight('balanced', classes=[0, 2], y=labels) with three classes instead of two.
    expect(classWeightsOf({ name: 'a', classWeights: 'balanced' }, 3, labels)).toEqual([
      8 / 12,
      1,
      8 / 12,
    ]);
  });

  it('returns a list, and names one that does not fit', () => {
    expect(classWeightsOf({ name: 'a', classWeights: [1, 2] }, 2, undefined)).toEqual([1, 2]);
    expect(() => classWeightsOf({ name: 'a', classWeights: [1, 2] }, 3, undefined)).toThrow(
      'Arm "a" has 2 classWeights; it must be one for each of the 3 classes, or "balanced".',
    );
    expect(() => classWeightsOf({ name: 'a', classWeights: 'balanced' }, 3, undefined)).toThrow(
      /requires a source of training images with labels/,
    );
  });
});

it('lossOf gives each loss its settings, with labels and with targets', () => {
  tf.tidy(() => {
    const logits = tf.tensor2d([[0, 0]]);
    const labels = tf.tensor1d([1], 'int32');
    const targets = tf.tensor2d([[0.4, 0.6]]);
    const value = (spec: Pick<ArmSpec, 'loss'>, weights?: number[], soft?: tf.Tensor2D): number =>
      lossOf(spec, weights)(logits, labels, soft).dataSync()[0]!;
    const log2 = Math.LN2;
    expect(value({})).toBeCloseTo(log2, 6);
    expect(value({}, [1, 3])).toBeCloseTo(3 * log2, 6);
    expect(value({}, [1, 3], targets)).toBeCloseTo((0.4 + 3 * 0.6) * log2, 6);
    const binary = { type: 'binary-cross-entropy' } as const;
    expect(value({ loss: binary })).toBeCloseTo(log2, 6);
    expect(value({ loss: { ...binary, over: 'sum' } }, [1, 3])).toBeCloseTo(4 * log2, 6);
    expect(value({ loss: { type: 'focal', gamma: 1 } }, [1, 3])).toBeCloseTo(1.5 * log2, 6);
    expect(value({ loss: { type: 'focal' } }, undefined, targets)).toBeCloseTo(log2 / 4, 6);
  });
});

it('gradientLimit leaves the classifier out of adaptive clipping, and refuses a limit of 0', () => {
  const model = residualModel();
  const limit = gradientLimit({ clipGradients: { adaptive: 0.01 } }, model)!;
  const weights = model.weights as unknown as { originalName: string; val: tf.Variable }[];
  const variable = (name: string): tf.Variable =>
    weights.find(({ originalName }) => originalName === name)!.val;
  tf.tidy(() => {
    const ones = (name: string): tf.NamedTensorMap => ({
      [variable(name).name]: tf.onesLike(variable(name)),
    });
    const clipped = limit({ ...ones('stem/kernel'), ...ones('logits/kernel') });
    const largest = (name: string): number => tf.max(clipped[variable(name).name]!).dataSync()[0]!;
    expect(largest('logits/kernel')).toBe(1);
    expect(largest('stem/kernel')).toBeLessThan(0.01);
  });
  expect(gradientLimit({}, model)).toBeUndefined();
  expect(() => gradientLimit({ clipGradients: { norm: 0 } }, model)).toThrow(/clipGradients.norm/);
  model.dispose();
});

describe('a distillation', () => {
  it('has no loss towards a teacher that is the student, and adds both parts otherwise', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'all');
    const distill = { teacher: 'a', digest: '', alpha: 1 };
    const images = tf.randomUniform([4, 32, 32, 3], 0, 255, 'float32', 1);
    const labels = tf.tensor1d([0, 1, 1, 0], 'int32');
    const lossWith = (spec: Partial<ArmSpec>, teacher: LayersModel): number => {
      const { loss } = trainingRules(spec as ArmSpec, model, { classes: 2, images: undefined });
      return tf.tidy(
        () => gradientStep(model, handle, { loss, teacher })(images, labels).loss.dataSync()[0]!,
      );
    };
    const other = residualModel({ seed: 7 });
    expect(lossWith({ distill }, model)).toBeCloseTo(0, 6);
    const [own, taught, both] = [0, 1, 0.25].map((alpha) =>
      lossWith({ distill: { ...distill, alpha } }, other),
    ) as [number, number, number];
    expect(own).toBeCloseTo(lossWith({}, other), 6);
    expect(taught).toBeGreaterThan(0);
    expect(both).toBeCloseTo(0.75 * own + 0.25 * taught, 6);

    const hard = lossWith({ distill: { ...distill, kind: 'hard' } }, other);
    const classes = tf.tidy(() =>
      Int32Array.from(
        tf.argMax(other.apply(images, { training: false }) as tf.Tensor2D, 1).dataSync(),
      ),
    );
    const expected = tf.tidy(
      () => gradientStep(model, handle)(images, tf.tensor1d(classes)).loss.dataSync()[0]!,
    );
    expect(hard).toBeCloseTo(expected, 6);
    tf.dispose([images, labels]);
    for (const each of [model, other]) each.dispose();
  });
});
