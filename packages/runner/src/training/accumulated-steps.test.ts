import { useEngine } from '@fixres/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { oneBatch, training } from '../../test/recipe-training.ts';
import { eagerTrainer } from './eager-trainer.ts';
import { microBatches } from './micro-batches.ts';
import type { TrainerOptions } from './trainer.ts';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

/** Losses of three steps, and the weights afterwards. */
async function threeSteps(options: TrainerOptions) {
  const { model, handle, optimizer, dispose } = await training();
  const trainer = eagerTrainer(model, handle, optimizer, options);
  const batch = await oneBatch(20);
  const targets = Float32Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 0.7 : 0.3));
  const steps = [batch, { ...batch, targets }, batch].map((each) => trainer.step(each, 0.005));
  const state = await trainer.state();
  dispose();
  return { steps, state };
}

describe('accumulated gradients', () => {
  it('are those of the whole batch where there is no batch normalisation', async () => {
    const before = tf.memory().numTensors;
    const whole = await threeSteps({});
    const parts = await threeSteps({ microBatch: 8 });
    for (const [i, { loss, correct }] of parts.steps.entries()) {
      expect(Math.abs(loss - whole.steps[i]!.loss)).toBeLessThan(1e-5);
      expect(correct).toBe(whole.steps[i]!.correct);
    }
    for (const [name, { values }] of parts.state) {
      const expected = whole.state.get(name)!.values;
      values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('change nothing, to the bit, if the batch is not larger', async () => {
    expect(await threeSteps({ microBatch: 20 })).toEqual(await threeSteps({}));
  });

  it('draw other masks for every part, and the same ones after a restored state', async () => {
    const { model, handle, optimizer, dispose } = await training();
    const options = { microBatch: 8, noise: { dropPath: 0.5, dropout: 0.5 }, seed: 3 };
    const trainer = eagerTrainer(model, handle, optimizer, options);
    const batch = await oneBatch(16);
    trainer.step(batch, 0.05);
    const state = await trainer.state();
    const expected = [trainer.step(batch, 0.05), trainer.step(batch, 0.05)];
    await trainer.restore(state);
    expect([trainer.step(batch, 0.05), trainer.step(batch, 0.05)]).toEqual(expected);
    // Both halves the same: their masks would give twice the same loss.
    const [half] = microBatches(batch, 8);
    await trainer.restore(state);
    const { loss } = trainer.step(half!, 0);
    await trainer.restore(state);
    const twice = { ...batch };
    twice.pixels = Uint8Array.from([...half!.pixels, ...half!.pixels]);
    twice.labels = Int32Array.from([...half!.labels, ...half!.labels]);
    expect(trainer.step(twice, 0).loss).not.toBeCloseTo(loss, 3);
    dispose();
  });
});

it('microBatches cuts every part of a batch', async () => {
  const batch = {
    ...(await oneBatch(5)),
    targets: Float32Array.from({ length: 10 }, (_, i) => i),
    features: { values: Float32Array.from({ length: 15 }, (_, i) => i), shape: [5, 3] },
  };
  const parts = microBatches(batch, 2);
  expect(parts.map(({ shape }) => shape)).toEqual([
    [2, 32, 32, 3],
    [2, 32, 32, 3],
    [1, 32, 32, 3],
  ]);
  expect(parts[1]).toMatchObject({
    labels: batch.labels.subarray(2, 4),
    indices: batch.indices.subarray(2, 4),
    targets: Float32Array.of(4, 5, 6, 7),
    features: { values: Float32Array.of(6, 7, 8, 9, 10, 11), shape: [2, 3] },
  });
  expect(Buffer.concat(parts.map(({ pixels }) => pixels))).toEqual(Buffer.from(batch.pixels));
  expect(microBatches(batch, 5)).toEqual([batch]);
});
