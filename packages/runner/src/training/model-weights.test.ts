import '@tensorflow/tfjs-backend-cpu';
import { Adam } from '@fixres/models';
import { applyFreezePolicy } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { eagerTrainer } from './eager-trainer.ts';
import type { ImageBatch } from '../images/image-source.ts';
import { readWeights, weightsOf, writeWeights } from './model-weights.ts';
import type { Trainer } from './trainer.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Two nested models whose layers have equal names, and another layer. */
function twins(): LayersModel {
  const image = input({ shape: [4, 4, 3] });
  const part = (name: string): SymbolicTensor => {
    const { conv2d, flatten } = layers;
    return sequential({
      name,
      layers: [
        conv2d({ name: 'conv', filters: 2, kernelSize: 3, inputShape: [4, 4, 3] }),
        flatten(),
      ],
    }).apply(image) as SymbolicTensor;
  };
  const both = layers.concatenate().apply([part('left'), part('right')]);
  return model({
    inputs: image,
    outputs: layers
      .dense({ name: 'top', units: 2, activation: 'softmax' })
      .apply(both) as SymbolicTensor,
  });
}

it('names every weight, distinguishes equal layer names of nested models, and does not depend on which are trainable', () => {
  const made = twins();
  const names = [
    'left/conv/bias',
    'left/conv/kernel',
    'right/conv/bias',
    'right/conv/kernel',
    'top/bias',
    'top/kernel',
  ];
  const named = (): Map<string, string> =>
    new Map(weightsOf(made).map(({ name, val }) => [name, val.name]));
  const before = named();
  expect([...before.keys()].sort()).toEqual(names);
  made.getLayer('left').trainable = false;
  expect(named()).toEqual(before);
});

it('restores each weight and each slot of the optimiser to its own variable', async () => {
  const batch: ImageBatch = {
    // Small levels: with large ones, the softmax of some initial weights has no gradient.
    pixels: Uint8Array.from({ length: 96 }, (_, i) => (i * 7) % 3),
    shape: [2, 4, 4, 3],
    labels: Int32Array.of(0, 1),
    indices: Uint32Array.of(0, 1),
  };
  const trainerOf = async (of: LayersModel): Promise<Trainer> =>
    eagerTrainer(of, await applyFreezePolicy(of, 'all'), new Adam());
  const made = twins();
  const trainer = await trainerOf(made);
  trainer.step(batch, 0.01);
  const state = await trainer.state();
  const other = twins();
  const resumed = await trainerOf(other);
  await resumed.restore(state);
  expect(await resumed.state()).toEqual(state);
  expect(state.get('optimizer/left/conv/kernel/m')).not.toEqual(
    state.get('optimizer/right/conv/kernel/m'),
  );
  for (const each of [trainer, resumed]) each.step(batch, 0.01);
  expect(await readWeights(other)).toEqual(await readWeights(made));
  writeWeights(other, state);
  expect((await readWeights(other)).get('left/conv/kernel')).toEqual(state.get('left/conv/kernel'));
});
