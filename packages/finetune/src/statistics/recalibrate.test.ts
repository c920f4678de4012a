import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { forward, gap, layer, residualModel, values, wave } from '../../test/models.ts';
import { applyFreezePolicy } from '../freezing/apply-freeze-policy.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A model that starts with a norm, whose inputs are therefore those of the model. */
function normFirst(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.batchNormalization({ name: 'bn', inputShape: [5, 3], momentum: 0.9 }),
      tfl.layers.dense({ units: 2, name: 'out' }),
    ],
  });
}

describe('recalibrate', () => {
  it('sets the moments of all values, for batches of different sizes', async () => {
    const model = normFirst();
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    const batches = [wave([4, 5, 3]), tf.add(wave([7, 5, 3], 9), 3), wave([1, 5, 3], 4)];
    const seen = await handle.recalibrate(batches);
    expect(seen).toEqual({ batches: 3, examples: 12, norms: ['bn'] });
    const { mean, variance } = tf.moments(tf.concat(batches), [0, 1]);
    const [movingMean, movingVariance] = handle.moving.map((variable) => variable.read());
    expect(gap(movingMean!, mean)).toBeLessThan(1e-5);
    expect(gap(movingVariance!, variance)).toBeLessThan(1e-5);
    expect((await handle.verify({ strict: true })).changed).toEqual([
      'bn/moving_mean',
      'bn/moving_variance',
    ]);
  });

  it('skips a norm that trains with a momentum of 1, and explains the error if asked to recalibrate it', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.batchNormalization({ name: 'bn', inputShape: [3], momentum: 1 }),
        tfl.layers.dense({ units: 2, name: 'out' }),
      ],
    });
    const training = await applyFreezePolicy(model, 'all');
    expect(training.estimateStatistics(['train', 'statistics-only', 'recalibrate']).norms).toEqual(
      [],
    );
    training.restore();
    const recalibrating = await applyFreezePolicy(model, 'bn-recalibrate');
    await expect(recalibrating.recalibrate([wave([4, 3])])).rejects.toMatchObject({
      code: 'recalibration-failed',
      message: expect.stringContaining('its momentum is 1') as string,
    });
    recalibrating.restore();
  });

  it('sets the moments that every norm of a deep model gets in training mode', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    const x = wave([8, 6, 6, 2]);
    await handle.recalibrate([x]);
    // After one batch, the recalibrated model in inference equals the model in training mode.
    const inference = model.apply(x, { training: false }) as tf.Tensor;
    handle.restore();
    const training = model.apply(x, { training: true }) as tf.Tensor;
    expect(gap(inference, training)).toBeLessThan(1e-5);
  });

  it('measures a shared norm over all of its calls', async () => {
    const x = tfl.input({ shape: [3] });
    const y = tfl.input({ shape: [3] });
    const norm = tfl.layers.batchNormalization({ name: 'bn' });
    const sum = tfl.layers
      .add({ name: 'sum' })
      .apply([norm.apply(x), norm.apply(y)] as tfl.SymbolicTensor[]) as tfl.SymbolicTensor;
    const model = tfl.model({
      inputs: [x, y],
      outputs: tfl.layers.dense({ units: 1, name: 'out' }).apply(sum) as tfl.SymbolicTensor,
    });
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    const [a, b] = [wave([6, 3]), tf.mul(wave([6, 3], 5), 4)];
    expect(await handle.recalibrate([[a, b]])).toMatchObject({ batches: 1, examples: 6 });
    const { mean, variance } = tf.moments(tf.concat([a, b]), 0);
    expect(gap(handle.moving[0]!.read(), mean)).toBeLessThan(1e-5);
    expect(gap(handle.moving[1]!.read(), variance)).toBeLessThan(1e-4);
  });

  it('is the only thing that changes the statistics, unlike training mode', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    forward(model, wave([4, 6, 6, 2]), true);
    expect((await handle.verify()).changed).toEqual([]);
  });

  it('changes nothing when it fails or is aborted, and leaks nothing', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    const before = values(model);
    const [good, bad] = [wave([4, 6, 6, 2]), tf.fill([2, 6, 6, 2], NaN)];
    const tensors = tf.memory().numTensors;
    const controller = new AbortController();
    function* stopping(): Generator<tf.Tensor> {
      yield good;
      controller.abort(new Error('enough'));
      yield good;
    }
    function* breaking(): Generator<tf.Tensor> {
      yield good;
      throw new Error('unreadable image');
    }
    await expect(handle.recalibrate(stopping(), { signal: controller.signal })).rejects.toThrow(
      'enough',
    );
    await expect(handle.recalibrate(breaking())).rejects.toThrow('unreadable image');
    await expect(handle.recalibrate([good, bad])).rejects.toMatchObject({
      code: 'recalibration-failed',
      names: ['b1_bn', 'b2_bn', 'post_bn'],
    });
    await expect(handle.recalibrate([])).rejects.toThrow(
      'no batch is given; the statistics are unchanged',
    );
    await expect(handle.recalibrate([wave([4, 5])])).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(tensors + 1);
    expect(values(model)).toEqual(before);
    expect(layer(model, 'b1_bn').trainable).toBe(true);
    await expect(handle.recalibrate([good])).resolves.toMatchObject({ batches: 1 });
  });

  it('keeps two concurrent recalibrations apart', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'bn-recalibrate');
    const [one, other] = [wave([4, 6, 6, 2]), wave([4, 6, 6, 2], 9)];
    await handle.recalibrate([one, other]);
    const alone = values(model);
    await Promise.all([handle.recalibrate([other, one]), handle.recalibrate([one, other])]);
    expect(values(model)).toEqual(alone);
  });

  it('rejects a model without norms to recalibrate', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier');
    await expect(handle.recalibrate([wave([4, 6, 6, 2])])).rejects.toMatchObject({
      code: 'recalibration-failed',
    });
  });
});
