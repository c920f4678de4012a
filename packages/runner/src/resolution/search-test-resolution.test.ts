// @module-tag native-engine
import { type Policy, resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { chooseResolution } from './choose-resolution.ts';
import { searchTestResolution } from './search-test-resolution.ts';

beforeAll(async () => {
  await useEngine({ engine: 'tensorflow' });
});

const ids = Array.from({ length: 24 }, (_, i) => `image${i}`);
const policies = [resize(32), resize(48)];

it('evaluates every policy once, then chooses and confirms', async () => {
  const model = createModel('resnet14v2', { classes: 2, width: 4, seed: 3 });
  const heldOut = smallImages(24, 2);
  const before = tf.memory().numTensors;
  const seen: [string, number][] = [];
  const onBatch = ({ output }: Policy, images: number): void =>
    void seen.push([`${output.width}`, images]);
  const choice = await searchTestResolution(model, heldOut, {
    policies,
    ids,
    batchSize: 16,
    seed: 1,
    onBatch,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(seen).toEqual([
    ['32', 16],
    ['32', 24],
    ['48', 16],
    ['48', 24],
  ]);
  const candidates = await Promise.all(
    policies.map(async (policy) => ({
      policy,
      predictions: await evaluate(model, heldOut, { policy, batchSize: 16 }),
    })),
  );
  expect(choice).toEqual(chooseResolution(candidates, { ids, seed: 1 }));
});

it('stops when aborted', async () => {
  const model = createModel('resnet14v2', { classes: 2, width: 4 });
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(
    searchTestResolution(model, smallImages(24, 2), { policies, ids, batchSize: 16, signal }),
  ).rejects.toThrow('enough');
});
