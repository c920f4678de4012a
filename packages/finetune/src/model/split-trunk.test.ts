import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { gap, labels, nestedModel, residualModel, scramble, wave } from '../../test/models.ts';
import type { FreezePolicyName } from '../freeze-policy-names.ts';
import { applyFreezePolicy, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import { splitTrunk, type TrunkSplit } from './split-trunk.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function split(handle: FreezeHandle, options?: { trainingInvariant: string[] }): TrunkSplit {
  const result = splitTrunk(handle, options);
  if (result === null) throw new Error('there is no cut');
  return result;
}

/** Loss, gradients and running statistics after one pass through `predict`. */
function step(
  handle: FreezeHandle,
  predict: () => tf.Tensor,
  y: tf.Tensor,
): { grads: Record<string, tf.Tensor>; loss: tf.Scalar } {
  const { value, grads } = tf.variableGrads(
    () => tf.neg(tf.mean(tf.sum(tf.mul(y, tf.log(predict())), -1))),
    handle.gradientVariables,
  );
  return { grads, loss: value };
}

/**
 * One training step of the whole model and one in two halves, on two equal models: all results must
 * be bit-identical.
 */
async function expectEqualSteps(
  create: () => tfl.LayersModel,
  policy: FreezePolicyName,
): Promise<TrunkSplit> {
  const [x, y] = [wave([4, 6, 6, 2]), labels(4, 3)];
  const whole = await applyFreezePolicy(create(), policy);
  const halves = await applyFreezePolicy(create(), policy);
  const cut = split(halves);
  const one = step(whole, () => whole.model.apply(x, { training: true }) as tf.Tensor, y);
  const features = cut.trunk(x);
  expect(features.shape.slice(1)).toEqual(cut.featureShape.slice(1));
  const two = step(halves, () => cut.head(features, { training: true }) as tf.Tensor, y);

  expect(gap(two.loss, one.loss)).toBe(0);
  const [a, b] = [Object.values(one.grads), Object.values(two.grads)];
  expect(b).toHaveLength(whole.trainable.length);
  expect(a.map((gradient, index) => gap(gradient, b[index]!))).toEqual(a.map(() => 0));
  expect(
    Math.max(...b.map((gradient) => tf.max(tf.abs(gradient)).dataSync()[0] ?? 0)),
  ).toBeGreaterThan(0);
  whole.moving.forEach((variable, index) => {
    expect(gap(halves.moving[index]!.read(), variable.read())).toBe(0);
  });
  expect((await halves.verify({ strict: true })).changed).toEqual(
    (await whole.verify({ strict: true })).changed,
  );
  return cut;
}

describe('splitTrunk', () => {
  it('cuts a residual network before its last norm, with equal loss, gradients and statistics', async () => {
    const cut = await expectEqualSteps(residualModel, 'classifier+last-bn');
    expect(cut.cut).toBe('b2_add');
    expect(cut.featureShape).toEqual([null, 6, 6, 4]);
    expect(cut.headLayers).toEqual(['post_bn', 'post_relu', 'pool', 'predictions']);
    expect((await expectEqualSteps(residualModel, 'classifier+last-bn-stats')).cut).toBe('b2_add');
  });

  it('cuts as late as possible', async () => {
    expect((await expectEqualSteps(residualModel, 'classifier')).cut).toBe('pool');
  });

  it('cuts through nested models and shared layers', async () => {
    expect((await expectEqualSteps(nestedModel, 'classifier+last-bn')).cut).toBe('sum');
    const handle = await applyFreezePolicy(nestedModel(), {
      name: 'from bn2',
      rules: [{ match: { pattern: 'conv|bn1' }, mode: 'freeze' }],
      otherwise: 'train',
    });
    const cut = split(handle);
    expect(cut.cut).toBe('trunk/conv2');
    expect(cut.headLayers).toEqual([
      'trunk/bn2',
      'trunk/pool',
      'shared',
      'shared',
      'sum',
      'head_bn',
      'logits',
    ]);
    const x = wave([3, 6, 6, 2]);
    const features = cut.trunk(x);
    const whole = handle.model.apply(x, { training: false }) as tf.Tensor;
    expect(gap(cut.head(features, { training: false }) as tf.Tensor, whole)).toBe(0);
  });

  it('does not cut inside a block with a shortcut around it', async () => {
    const handle = await applyFreezePolicy(residualModel(), {
      name: 'from b2_conv',
      rules: [
        { match: { layer: 'b2_conv' }, mode: 'train' },
        { match: { role: 'classifier' }, mode: 'train' },
      ],
      otherwise: 'freeze',
    });
    expect(split(handle).cut).toBe('b1_add');
  });

  it('stops at a dropout and at unknown layers unless they are declared invariant', async () => {
    const dropped = await applyFreezePolicy(residualModel({ dropout: true }), 'classifier');
    expect(split(dropped).cut).toBe('pool');
    expect(split(dropped).headLayers).toEqual(['drop', 'predictions']);

    class Half extends tfl.layers.Layer {
      static className = 'Half';
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, 0.5);
      }
    }
    const [conv, flat, out] = [
      tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 2], name: 'conv' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 3, name: 'out' }),
    ];
    const own = await applyFreezePolicy(
      tfl.sequential({ layers: [conv, new Half({ name: 'half' }), flat, out] }),
      'classifier',
    );
    expect(split(own).cut).toBe('conv');
    expect(split(own, { trainingInvariant: ['Half'] }).cut).toBe('flat');
  });

  it('is null if nothing can be gained', async () => {
    expect(splitTrunk(await applyFreezePolicy(residualModel(), 'all'))).toBeNull();
    expect(splitTrunk(await applyFreezePolicy(residualModel(), 'bn-recalibrate'))).toBeNull();
    const masked = tfl.sequential({
      layers: [
        tfl.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4, maskZero: true }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    expect(splitTrunk(await applyFreezePolicy(masked, 'classifier'))).toBeNull();
  });

  it('handles several inputs and outputs', async () => {
    const { add, dense } = tfl.layers;
    const create = (): tfl.LayersModel => {
      const [a, b] = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
      const sum = add({ name: 'sum' }).apply([
        dense({ units: 4, name: 'a' }).apply(a),
        dense({ units: 4, name: 'b' }).apply(b),
      ] as tfl.SymbolicTensor[]);
      const outputs = ['one', 'two'].map(
        (name) => dense({ units: 2, name }).apply(sum) as tfl.SymbolicTensor,
      );
      return tfl.model({ inputs: [a, b], outputs });
    };
    const model = create();
    scramble(model);
    const cut = split(await applyFreezePolicy(model, 'classifier'));
    expect(cut.cut).toBe('sum');
    const inputs = [wave([2, 3]), wave([2, 3], 3)];
    const whole = model.apply(inputs, { training: true }) as tf.Tensor[];
    const features = cut.trunk(inputs);
    const halves = cut.head(features, { training: true }) as tf.Tensor[];
    expect(halves.map((output, index) => gap(output, whole[index]!))).toEqual([0, 0]);
  });

  it('leaves one tensor for the trunk and one for the head, and keeps the inputs', async () => {
    const cut = split(await applyFreezePolicy(residualModel(), 'classifier+last-bn-stats'));
    const x = wave([2, 6, 6, 2]);
    const before = tf.memory().numTensors;
    const features = cut.trunk(x);
    expect(tf.memory().numTensors).toBe(before + 1);
    const output = cut.head(features, { training: true });
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([features, output]);
    expect(tf.memory().numTensors).toBe(before);
    expect(x.isDisposed).toBe(false);
  });

  it('stops working when the policy is restored', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier');
    const cut = split(handle);
    handle.restore();
    expect(() => cut.trunk(wave([2, 6, 6, 2]))).toThrow(
      'trunk: policy "classifier" is no longer applied to the model',
    );
    expect(() => splitTrunk(handle)).toThrow(
      expect.objectContaining({ code: 'policy-not-active' }),
    );
  });
});
