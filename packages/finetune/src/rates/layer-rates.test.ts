import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { names, nestedModel, residualModel } from '../../test/models.ts';
import { applyFreezePolicy, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import { layerRates, type LayerRates } from './layer-rates.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const groups = [
  { name: 'stem', layers: ['image', 'scale', 'stem'] },
  { name: 'stage1', layers: ['b1_bn', 'b1_relu', 'b1_conv', 'b1_add'] },
  { name: 'stage2', layers: ['b2_bn', 'b2_relu', 'b2_conv', 'b2_add'] },
  { name: 'head', layers: ['post_bn', 'predictions'] },
];

/** Factor of each variable that trains, by its name in the handle. */
function factors(handle: FreezeHandle, rates: LayerRates): Record<string, number> {
  const rateOf = layerRates(handle, rates, { groups });
  const entries = handle.trainable.map(
    (variable, i) =>
      [handle.names.get(variable)!, rateOf(handle.gradientVariables[i]!.name)] as const,
  );
  return Object.fromEntries(entries);
}

describe('layerRates', () => {
  it('applies the first rule that matches, and the default to the rest', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'all', { groups });
    const given = factors(handle, {
      rules: [
        { match: { role: 'classifier' }, multiplier: 10 },
        { match: { group: 'stage1' }, multiplier: 0 },
        { match: { className: 'BatchNormalization' }, multiplier: 0.5 },
      ],
      otherwise: 0.1,
    });
    expect(given).toEqual({
      'stem/kernel': 0.1,
      'b1_bn/gamma': 0,
      'b1_bn/beta': 0,
      'b1_conv/kernel': 0,
      'b2_bn/gamma': 0.5,
      'b2_bn/beta': 0.5,
      'b2_conv/kernel': 0.1,
      'post_bn/gamma': 0.5,
      'post_bn/beta': 0.5,
      'predictions/kernel': 10,
      'predictions/bias': 10,
    });
  });

  it('decays from group to group towards the input', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'all', { groups });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (decay) => {
        const given = factors(handle, { decay });
        expect(given['predictions/kernel']).toBe(1);
        expect(given['post_bn/gamma']).toBe(1);
        expect(given['b2_conv/kernel']).toBeCloseTo(decay, 12);
        expect(given['b1_bn/beta']).toBeCloseTo(decay ** 2, 12);
        expect(given['stem/kernel']).toBeCloseTo(decay ** 3, 12);
      }),
    );
  });

  it('applies to layers of nested models', async () => {
    const handle = await applyFreezePolicy(nestedModel(), 'all');
    const rateOf = layerRates(handle, { rules: [{ match: { layer: 'trunk' }, multiplier: 0.1 }] });
    const slow = handle.trainable.filter(
      (_, i) => rateOf(handle.gradientVariables[i]!.name) === 0.1,
    );
    expect(
      slow
        .map((variable) => handle.names.get(variable))
        .every((name) => name!.startsWith('trunk/')),
    ).toBe(true);
    expect(slow).toHaveLength(8);
  });

  it('rejects rates that do not fit', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier');
    expect(names(handle.trainable)).toHaveLength(2);
    const call =
      (rates: unknown, given = groups) =>
      () =>
        layerRates(handle, rates as LayerRates, { groups: given });
    expect(call({ rules: [{ match: { layer: 'predictins' }, multiplier: 1 }] })).toThrow(
      'rules[0] (layer predictins) matches no layer of the model; near names: predictions',
    );
    expect(call({ rules: [{ match: { layer: 'stem' }, multiplier: 1 }] })).toThrow(
      'rules[0] (layer stem) matches only layers that do not train: stem',
    );
    expect(
      call({ rules: [{ match: { layer: 'stem' }, multiplier: 1, optional: true }] }),
    ).not.toThrow();
    expect(call({ rules: [{ match: { layer: 'stem' }, multiplier: -1 }] })).toThrow(
      'rules[0].multiplier: received -1',
    );
    expect(call({ rules: [{ match: {}, multiplier: 1 }] })).toThrow(
      'rules[0].match: received {}; allowed is exactly one of',
    );
    expect(call({ rules: [], otherwise: NaN })).toThrow('otherwise: received NaN');
    expect(call({})).toThrow('rules: received nothing; allowed is a list of rules, or decay');
    expect(call({ decay: 0 })).toThrow('decay: received 0; allowed is a number above 0, at most 1');
    expect(call({ decay: 0.5 }, [])).toThrow(
      'groups: received []; allowed is the groups of the model',
    );
    expect(call({ decay: 0.5 }, groups.slice(0, 2))).toThrow(
      'groups: no group contains predictions',
    );
    expect(() => layerRates(handle, { rules: [] })('stem/kernel_none')).toThrow(
      'rateOf: received "stem/kernel_none"',
    );
    handle.restore();
    expect(call({ rules: [] })).toThrow(expect.objectContaining({ code: 'policy-not-active' }));
  });
});
