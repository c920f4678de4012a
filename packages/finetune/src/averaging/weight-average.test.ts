import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { layer, residualModel, values, wave, write } from '../../test/models.ts';
import { peers } from '../../test/peers.ts';
import { applyFreezePolicy } from '../freezing/apply-freeze-policy.ts';
import { WeightAverage, type AverageState } from './weight-average.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const cases = (['keras', 'torch'] as const).flatMap((library) => {
  const { weights, cases: all } = peers[library].averaging;
  return all.map(({ settings, averages }) => [library, settings, weights, averages] as const);
});

describe('WeightAverage against Keras and timm', () => {
  it.each(cases)('%s with %j', async (_, settings, weights, averages) => {
    const dense = tfl.layers.dense({ units: 2, inputShape: [1], useBias: false, name: 'out' });
    const handle = await applyFreezePolicy(tfl.sequential({ layers: [dense] }), 'all');
    const average = new WeightAverage(handle, { warmUp: false, ...settings });
    for (const [i, weight] of weights.entries()) {
      write(dense.weights[0]!, weight);
      average.step();
      const { values: now } = (await average.state()).get('ema/out/kernel')!;
      averages[i]!.forEach((expected, j) => expect(now[j]).toBeCloseTo(expected, 5));
    }
    average.dispose();
  });
});

/** Changes every weight and every running statistic. */
function disturb(model: tfl.LayersModel, phase: number): void {
  model.weights.forEach((variable, i) => {
    const noise = wave(variable.shape as number[], phase + i);
    write(
      variable,
      noise.dataSync().map((value) => Math.abs(value) + 0.1),
    );
    noise.dispose();
  });
}

const statistics = (model: tfl.LayersModel): number[] =>
  Array.from(layer(model, 'post_bn').weights[2]!.read().dataSync());

describe('WeightAverage in a model', () => {
  it('is swapped in for an evaluation and out again to the bit, even if the evaluation fails', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier+last-bn');
    const before = tf.memory().numTensors;
    const average = new WeightAverage(handle, { momentum: 0.5, warmUp: false });
    expect(tf.memory().numTensors).toBe(before + 6);
    const start = values(model);
    average.step();
    disturb(model, 3);
    average.step();
    const now = values(model);
    const inside = await average.whileAveraged(() => values(model));
    expect(values(model)).toEqual(now);
    const moves = new Set([...handle.trainable, ...handle.moving].map((variable) => variable.name));
    for (const { name } of model.weights) {
      if (!moves.has(name)) expect(inside[name], name).toEqual(now[name]);
      else
        inside[name]!.forEach((value, i) =>
          expect(value, name).toBeCloseTo((start[name]![i]! + now[name]![i]!) / 2, 5),
        );
    }

    await expect(
      average.whileAveraged(() => Promise.reject(new Error('evaluation'))),
    ).rejects.toThrow('evaluation');
    expect(values(model)).toEqual(now);
    average.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("averages running statistics, or keeps the model's own", async () => {
    for (const kind of ['average', 'keep'] as const) {
      const model = residualModel();
      const handle = await applyFreezePolicy(model, 'classifier+last-bn-stats');
      const average = new WeightAverage(handle, { momentum: 0.5, warmUp: false, statistics: kind });
      const start = statistics(model);
      average.step();
      disturb(model, 5);
      average.step();
      const now = statistics(model);
      const inside = await average.whileAveraged(() => statistics(model));
      const expected = kind === 'keep' ? now : now.map((value, i) => (value + start[i]!) / 2);
      inside.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
      average.dispose();
    }
  });

  it('stays in the model if disposed while swapped in, and frees the plain weights', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier');
    const before = tf.memory().numTensors;
    const average = new WeightAverage(handle);
    average.step();
    const averaged = values(model);
    disturb(model, 2);
    average.swap();
    average.dispose();
    const { name } = handle.trainable[0]!;
    expect(values(model)[name]).toEqual(averaged[name]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('continues exactly from its state, even in another model', async () => {
    const build = async (): Promise<[tfl.LayersModel, WeightAverage]> => {
      const model = residualModel();
      return [
        model,
        new WeightAverage(await applyFreezePolicy(model, 'classifier+last-bn'), {
          momentum: 0.9,
          warmUp: true,
        }),
      ];
    };
    const [model, average] = await build();
    average.step();
    disturb(model, 1);
    average.step();
    const [other, continued] = await build();
    continued.restore(await average.state());
    expect(continued.updates).toBe(2);
    for (const [m, a] of [
      [model, average],
      [other, continued],
    ] as const) {
      disturb(m, 9);
      a.step();
    }
    const [left, right] = [await average.state(), await continued.state()];
    expect([...left.keys()]).toContain('ema/post_bn/moving_variance');
    expect(right).toEqual(left);
    average.dispose();
    continued.dispose();
  });

  it('is invisible to an optimizer that collects every trainable variable', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier');
    const average = new WeightAverage(handle, { momentum: 0.5 });
    const x = wave([2, 6, 6, 2]);
    const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(model.apply(x) as tf.Tensor));
    expect(Object.keys(grads)).toHaveLength(2);
    tf.dispose([value, grads, x]);
    average.dispose();
  });
});

describe('WeightAverage rejects', () => {
  it('following, saving or restoring while it is in the model', async () => {
    const average = new WeightAverage(await applyFreezePolicy(residualModel(), 'classifier'));
    const state = await average.state();
    average.swap();
    const refused = expect.objectContaining({ code: 'average-in-use' }) as Error;
    expect(() => average.step()).toThrow(refused);
    expect(() => average.restore(state)).toThrow(refused);
    await expect(average.state()).rejects.toThrow(refused);
    await expect(average.whileAveraged(() => 0)).rejects.toThrow(refused);
    expect(average.updates).toBe(0);
    average.swap();
    average.dispose();
  });

  it('a state that does not fit, without changing anything', async () => {
    const average = new WeightAverage(await applyFreezePolicy(residualModel(), 'classifier'));
    const good = await average.state();
    const without = (key: string): AverageState =>
      new Map([...good].filter(([name]) => name !== key));
    expect(() => average.restore(without('ema/updates'))).toThrow('entry ema/updates is missing');
    expect(() => average.restore(without('ema/predictions/bias'))).toThrow(
      'entry ema/predictions/bias is missing',
    );
    const bad: AverageState = new Map(good).set('ema/predictions/bias', {
      shape: [2],
      dtype: 'float32',
      values: Float32Array.of(1, 2),
    });
    expect(() => average.restore(bad)).toThrow(
      'ema/predictions/bias has shape [2], the variable has [3]',
    );
    expect(await average.state()).toEqual(good);
    average.dispose();
  });

  it('settings out of range', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier');
    expect(() => new WeightAverage(handle, { momentum: 1 })).toThrow('momentum: received 1');
  });
});
