// @module-tag native-engine
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, WeightAverage } from '@fixres/finetune';
import { LAMB, SGD } from '@fixres/models';
import type { ArmSpec } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { oneBatch, residualModel } from '../../../test/recipe-training.ts';
import { eagerTrainer } from '../../training/eager-trainer.ts';
import { trainingRules } from '../../training/training-rules.ts';
import type { Trainer, TrainerOptions } from '../../training/trainer.ts';
import { compileTrainer } from './compile-trainer.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const spec = {
  loss: { type: 'binary-cross-entropy', over: 'sum', threshold: 0.2 },
  classWeights: [1, 2],
  clipGradients: { norm: 0.1 },
  dropPath: 0.3,
  dropout: 0.2,
  distill: { teacher: 'teacher', digest: '', alpha: 0.3, temperature: 2 },
} as ArmSpec;

async function setUp(make: 'eager' | 'compiled') {
  const model = residualModel({ norms: true });
  const teacher = residualModel({ seed: 20 });
  const handle = await applyFreezePolicy(model, 'all');
  const optimizer = new LAMB(0.01, { weightDecay: 0.02 });
  const average = new WeightAverage(handle, { momentum: 0.9 });
  const options: TrainerOptions = {
    ...trainingRules(spec, model, { classes: 2, images: undefined }),
    teacher,
    average,
    seed: 4,
    microBatch: 8,
  };
  const compiled = { ...options, size: 32, batchSizes: [8, 4], accumulates: true, targets: true };
  const trainer =
    make === 'eager'
      ? eagerTrainer(model, handle, optimizer, options)
      : compileTrainer(model, handle, optimizer, compiled);
  const dispose = (): void => {
    trainer.dispose();
    for (const each of [average, optimizer, model, teacher]) each.dispose();
  };
  return { trainer, dispose };
}

describe('compileTrainer with a whole recipe', () => {
  it('takes the eager steps, continues a state to the bit, and compiles again for another noise', async () => {
    const before = tf.memory().numTensors;
    const batch = {
      ...(await oneBatch(20)),
      targets: Float32Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 0.7 : 0.3)),
    };
    const steps = (trainer: Trainer): number[] =>
      [0.01, 0.02, 0.01].map((rate) => trainer.step(batch, rate).loss);
    const [eager, compiled] = [await setUp('eager'), await setUp('compiled')];
    const expected = steps(eager.trainer);
    steps(compiled.trainer).forEach((loss, i) =>
      expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-4),
    );
    const state = await compiled.trainer.state();
    for (const [name, { values }] of await eager.trainer.state()) {
      const actual = state.get(name)!.values;
      const scale = Math.max(...values.map(Math.abs)) + 1e-3;
      const differences = values.map((value, i) => Math.abs(value - actual[i]!));
      expect(Math.max(...differences) / scale, name).toBeLessThan(1e-3);
    }
    const next = steps(compiled.trainer);
    await compiled.trainer.restore(state);
    expect(steps(compiled.trainer)).toEqual(next);

    await compiled.trainer.restore(state);
    await eager.trainer.restore(state);
    const calm = [eager, compiled].map(({ trainer }) => trainer.step(batch, 0.01, {}).loss);
    expect(Math.abs(calm[1]! / calm[0]! - 1)).toBeLessThan(1e-4);
    expect(calm[0]).not.toBeCloseTo(next[0]!, 4);
    for (const each of [eager, compiled]) each.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('compileTrainer takes the eager steps of multi-label images, and counts the same exact ones', async () => {
  const arm = { loss: { type: 'focal', gamma: 2 }, classWeights: [1, 3] } as ArmSpec;
  const batch = {
    ...(await oneBatch(8)),
    targets: Float32Array.from({ length: 16 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
  };
  const results = [];
  for (const make of [eagerTrainer, compileTrainer]) {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'all');
    const optimizer = new LAMB(0.01);
    const rules = trainingRules(arm, model, { classes: 2, multiLabel: true, images: undefined });
    const options = { ...rules, size: 32, batchSizes: [8], targets: true };
    const trainer = make(model, handle, optimizer, options);
    results.push([1, 2].map(() => trainer.step(batch, 0.01)));
    for (const each of [trainer, optimizer, model]) each.dispose();
  }
  const [eager, compiled] = results;
  compiled!.forEach(({ loss, correct }, i) => {
    expect(Math.abs(loss / eager![i]!.loss - 1)).toBeLessThan(1e-4);
    expect(correct).toBe(eager![i]!.correct);
  });
});

it.each(['float32', 'bfloat16'] as const)(
  'has the same gradients with gradient checkpointing, in %s',
  async (precision) => {
    const batch = await oneBatch(8);
    const states = [];
    for (const gradientCheckpointing of [false, true]) {
      const model = residualModel({ norms: true });
      const handle = await applyFreezePolicy(model, 'all');
      const optimizer = new SGD(1);
      const options = { size: 32, batchSizes: [8], noise: { dropPath: 0.3 }, precision };
      const trainer = compileTrainer(model, handle, optimizer, {
        ...options,
        gradientCheckpointing,
      });
      const before = await trainer.state();
      trainer.step(batch, 1);
      states.push({ before, after: await trainer.state() });
      for (const each of [trainer, optimizer, model]) each.dispose();
    }
    const [usual, checkpointed] = states as [(typeof states)[0], (typeof states)[0]];
    for (const [name, { values }] of usual.after) {
      const received = checkpointed.after.get(name)!.values;
      const differences = values.map((value, i) => Math.abs(value - received[i]!));
      // At a learning rate of 1, weights change by the gradient, which is below 1 here.
      expect(Math.max(...differences), name).toBeLessThan(1e-6);
    }
    const [first, moved] = [checkpointed.before, checkpointed.after].map(
      (state) => state.get('conv_1/kernel')!.values,
    );
    expect(Math.max(...moved!.map((value, i) => Math.abs(value - first![i]!)))).toBeGreaterThan(
      1e-3,
    );
  },
);
