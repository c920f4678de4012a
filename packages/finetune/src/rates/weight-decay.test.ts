import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { residualModel } from '../../test/models.ts';
import { applyFreezePolicy } from '../freezing/apply-freeze-policy.ts';
import { weightDecayOptions } from './weight-decay.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it("weightDecayOptions returns the optimizer's option, and excludes variables with one axis on request", async () => {
  const handle = await applyFreezePolicy(residualModel(), 'all');
  const spared = (exclude: 'none' | 'norm-and-bias'): string[] => {
    const { excludeFromDecay } = weightDecayOptions(handle, { rate: 1e-4, exclude });
    return handle.trainable
      .filter((_, i) => excludeFromDecay(handle.gradientVariables[i]!.name))
      .map((variable) => handle.names.get(variable)!);
  };
  expect(weightDecayOptions(handle, { rate: 0.05 })).toMatchObject({ weightDecay: 0.05 });
  expect(weightDecayOptions(handle, { rate: 1e-4, kind: 'l2' })).toMatchObject({ l2: 1e-4 });
  expect(weightDecayOptions(handle, { rate: 1e-4, kind: 'l2' })).not.toHaveProperty('weightDecay');
  expect(spared('none')).toEqual([]);
  expect(spared('norm-and-bias').toSorted()).toEqual([
    'b1_bn/beta',
    'b1_bn/gamma',
    'b2_bn/beta',
    'b2_bn/gamma',
    'post_bn/beta',
    'post_bn/gamma',
    'predictions/bias',
  ]);
});

it.each([
  [{ rate: -1 }, 'rate: received -1; allowed is a finite number of at least 0'],
  [{ rate: 1, kind: 'l1' }, 'kind: received "l1"; allowed is one of decoupled, l2'],
  [{ rate: 1, exclude: 'bias' }, 'exclude: received "bias"; allowed is one of none, norm-and-bias'],
])('weightDecayOptions rejects %j', async (settings, message) => {
  const handle = await applyFreezePolicy(residualModel(), 'classifier');
  expect(() => weightDecayOptions(handle, settings as never)).toThrow(
    expect.objectContaining({ code: 'bad-option', message }),
  );
});
