// @module-tag native-engine
import { resizeFlip } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { Adam, batchNormalization } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { eagerTrainer } from '../training/eager-trainer.ts';
import { compileTrainer } from '../node/compiled/compile-trainer.ts';
import { processMemory } from '../node/memory/process-memory.ts';
import { trainArm } from '../training/train-arm.ts';
import type { Trainer } from '../training/trainer.ts';
import { noProgress } from '@fixres/runs';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

type TrainerOf = (model: LayersModel, handle: FreezeHandle, optimizer: Adam) => Trainer;

/** Steps between two measurements of memory. */
const INTERVAL = 125;

/**
 * Tensors after each step of a small network, and resident memory at intervals, after garbage
 * collection.
 */
async function memoryOf(
  images: number,
  epochs: number,
  trainerOf: TrainerOf,
): Promise<{ tensors: number[]; rssMb: number[] }> {
  const tensors: number[] = [];
  const rssMb: number[] = [];
  const memory = processMemory();
  const model = sequential({
    layers: [
      layers.conv2d({
        inputShape: [16, 16, 3],
        filters: 8,
        kernelSize: 3,
        strides: 2,
        activation: 'relu',
      }),
      batchNormalization({}),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  const optimizer = new Adam();
  const trainer = trainerOf(model, await applyFreezePolicy(model, 'all'), optimizer);
  await trainArm({
    trainer,
    schedule: { type: 'constant', rate: 1e-3 },
    source: smallImages(images, 1),
    policy: resizeFlip(16),
    batchSize: 4,
    epochs,
    seed: 0,
    classes: 2,
    progress: noProgress(),
    heldOutAccuracy: () => Promise.resolve(0.5),
    onStep: () => {
      tensors.push(tf.memory().numTensors);
      if (tensors.length % INTERVAL > 0) return;
      globalThis.gc!();
      rssMb.push(memory.nowMb());
    },
    onEpoch: () => undefined,
  });
  trainer.dispose();
  optimizer.dispose();
  model.dispose();
  return { tensors, rssMb };
}

const highest = (values: number[]): number => Math.max(...values);

describe.each<[string, TrainerOf]>([
  ['kernel by kernel', eagerTrainer],
  [
    'compiled',
    (model, handle, optimizer) =>
      compileTrainer(model, handle, optimizer, { size: 16, batchSizes: [4] }),
  ],
])('a long training, %s', (_, trainerOf) => {
  it('uses no more tensors or memory after 500 steps, or for ten times the images', async () => {
    // Warm-up: the engine and the JavaScript heap allocate memory for themselves.
    await memoryOf(200, 2, trainerOf);
    const few = await memoryOf(200, 10, trainerOf);
    expect(few.tensors).toHaveLength(500);
    // The first step creates the optimiser's slots.
    expect(new Set(few.tensors.slice(1)).size).toBe(1);
    const half = 250 / INTERVAL;
    expect(few.rssMb).toHaveLength(2 * half);
    expect(highest(few.rssMb.slice(half)) / highest(few.rssMb.slice(0, half))).toBeLessThan(1.02);
    const many = await memoryOf(2000, 1, trainerOf);
    expect(many.tensors).toHaveLength(500);
    expect(highest(many.rssMb) / highest(few.rssMb)).toBeLessThan(1.02);
  });
});
