import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { names, nestedModel, residualModel } from '../../test/models.ts';
import { applyFreezePolicy } from './apply-freeze-policy.ts';
import type { FreezePolicy } from './freeze-policy.ts';
import { type TunedPart, tunedParts } from './tuned-parts.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The variables that change under a policy. */
async function changing(model: LayersModel, policy: FreezePolicy): Promise<string[]> {
  const { trainable, moving } = await applyFreezePolicy(model, policy);
  return names([...trainable, ...moving]).toSorted();
}

const statistics = ['post_bn/moving_mean', 'post_bn/moving_variance'];
const parameters = ['post_bn/beta', 'post_bn/gamma'];
const classifier = ['predictions/bias', 'predictions/kernel'];

it('splits what a policy tunes, and each part changes its own variables only', async () => {
  const model = residualModel();
  const { parts, only } = tunedParts(await applyFreezePolicy(model, 'classifier+last-bn'));
  expect(parts).toEqual(['statistics', 'parameters', 'classifier']);
  const expected: [TunedPart[], string[]][] = [
    [[], []],
    [['statistics'], statistics],
    [['parameters'], parameters],
    [['classifier'], classifier],
    [
      ['statistics', 'classifier'],
      [...statistics, ...classifier],
    ],
    [
      ['statistics', 'parameters', 'classifier'],
      [...statistics, ...parameters, ...classifier],
    ],
  ];
  for (const [chosen, variables] of expected)
    expect(await changing(model, only(chosen))).toEqual(variables.toSorted());
  expect(only(['classifier', 'statistics']).name).toBe('statistics+classifier');
  // Without a weight that trains, there are no steps in which statistics could follow.
  expect(only(['statistics']).rules).toEqual([
    { match: { layer: 'post_bn' }, mode: 'recalibrate' },
  ]);
  expect(only(['statistics', 'classifier']).rules[0]).toEqual({
    match: { layer: 'post_bn' },
    mode: 'statistics-only',
  });
});

it('finds only the parts that a policy tunes', async () => {
  const partsOf = async (policy: Parameters<typeof applyFreezePolicy>[1]): Promise<unknown> =>
    tunedParts(await applyFreezePolicy(nestedModel(), policy)).parts;
  expect(await partsOf('classifier')).toEqual(['classifier']);
  expect(await partsOf('classifier+last-bn-stats')).toEqual(['statistics', 'classifier']);
  expect(await partsOf('bn-recalibrate')).toEqual(['statistics']);
  expect(await partsOf('all')).toEqual(['statistics', 'parameters', 'classifier', 'layers']);
});

it('keeps apart the layers before the classifier', async () => {
  const model = residualModel();
  const { only } = tunedParts(await applyFreezePolicy(model, 'all'));
  expect(await changing(model, only(['layers']))).toEqual(
    ['b1_conv/kernel', 'b2_conv/kernel', 'stem/kernel'].toSorted(),
  );
  expect(await changing(model, only(['parameters', 'layers']))).toHaveLength(3 + 6);
});
