import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kernelFixtures } from '../../test/support/fixtures.ts';
import { FixresModelsError } from '../errors.ts';
import { Adam, type NamedTensor } from './adam.ts';

const { steps } = kernelFixtures().adam;
const f32 = (values: Float64Array): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));
// As scripts/make-keras-fixtures.py: gradients from 1e-10 to 1e2 in size.
const scales = [-10, -7.6, -5.2, -2.8, -0.4, 2].map((e) => 10 ** e);
const gradient = (name: string, step: number, size: number): tf.Tensor1D =>
  f32(fill(`g${name}${step}`, size).map((u, i) => u * (scales[i]!)));

function makeVariables(): [tf.Variable, tf.Variable] {
  return tf.tidy(() => [tf.variable(f32(fill('a', 6))), tf.variable(f32(fill('b', 4)))]);
}

function apply(optimizer: Adam, [a, b]: [tf.Variable, tf.Variable], step: number): void {
  tf.tidy(() => optimizer.applyGradients({ [a.name]: gradient('a', step, 6), [b.name]: gradient('b', step, 4) }));
}

const code = (e: unknown): string | undefined => (e instanceof FixresModelsError ? e.code : undefined);

describe.each(engines)('Adam on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it('equals Keras over gradients of all sizes, with a learning rate that changes', () => {
    const before = tf.memory().numTensors;
    const variables = makeVariables();
    const optimizer = new Adam(1e-2);
    for (const [i, expected] of steps.entries()) {
      if (i === 3) optimizer.learningRate = 1e-3;
      apply(optimizer, variables, i);
      variables.forEach((variable, k) => {
        const values = variable.dataSync();
        // 1e-4 of a step: 1 - beta2^t has only four digits in float32. A misplaced epsilon costs up to a whole step.
        (expected[k]!).forEach((value, n) => expect(Math.abs((values[n]!) - value)).toBeLessThan(1e-6));
      });
    }
    expect(optimizer.iterations).toBe(5);
    optimizer.dispose();
    tf.dispose(variables);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('continues exactly from a saved state', async () => {
    const variables = makeVariables();
    const optimizer = new Adam(1e-2);
    apply(optimizer, variables, 0);
    apply(optimizer, variables, 1);
    const state = await optimizer.getWeights();
    expect(state.map(({ name }) => name)).toEqual([
      'iter', ...variables.map(({ name }) => `${name}/m`), ...variables.map(({ name }) => `${name}/v`),
    ]);
    const saved = variables.map((variable) => variable.clone());
    apply(optimizer, variables, 2);
    const expected = variables.map((variable) => [...variable.dataSync()]);
    optimizer.dispose();

    variables.forEach((variable, i) => variable.assign(saved[i] as tf.Tensor1D));
    const resumed = new Adam(1e-2);
    await resumed.setWeights(state);
    tf.dispose(state.map(({ tensor }) => tensor));
    apply(resumed, variables, 2);
    expect(variables.map((variable) => [...variable.dataSync()])).toEqual(expected);
    resumed.dispose();
    tf.dispose([variables, saved]);
  });

  it('keeps the moments of a variable when the set of variables changes', () => {
    const [a, b] = makeVariables();
    const [a2, b2] = makeVariables();
    const optimizer = new Adam(1e-2);
    const both = new Adam(1e-2);
    tf.tidy(() => {
      optimizer.applyGradients([{ name: a.name, tensor: gradient('a', 0, 6) }, { name: b.name, tensor: gradient('b', 0, 4) }]);
      // Only b, now at the first place.
      optimizer.applyGradients([{ name: b.name, tensor: gradient('b', 1, 4) }]);
      both.applyGradients([{ name: a2.name, tensor: gradient('a', 0, 6) }, { name: b2.name, tensor: gradient('b', 0, 4) }]);
      both.applyGradients([{ name: a2.name, tensor: null as never }, { name: b2.name, tensor: gradient('b', 1, 4) }]);
    });
    expect([...b.dataSync()]).toEqual([...b2.dataSync()]);
    expect([...a.dataSync()]).toEqual([...a2.dataSync()]);
    optimizer.dispose();
    both.dispose();
    tf.dispose([a, b, a2, b2]);
  });

  it('trains through model.compile, without new tensors from the second step on', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })] });
    model.compile({ optimizer: new Adam(0.1), loss: 'meanSquaredError' });
    const x = tf.tensor2d([[1, 0], [0, 1], [1, 1]]);
    const y = tf.tensor2d([[1], [2], [3]]);
    const first = (await model.trainOnBatch(x, y)) as number;
    const count = tf.memory().numTensors;
    let last = first;
    for (let i = 0; i < 60; i++) last = (await model.trainOnBatch(x, y)) as number;
    expect(last).toBeLessThan(first / 20);
    expect(tf.memory().numTensors).toBe(count);
    model.dispose();
    tf.dispose([x, y]);
  });

  it('refuses a state that does not fit', async () => {
    const [a, b] = makeVariables();
    const optimizer = new Adam();
    const iter: NamedTensor = { name: 'iter', tensor: tf.scalar(1, 'int32') };
    const entry = (name: string, size: number): NamedTensor => ({ name, tensor: tf.zeros([size]) });
    const refused = async (state: NamedTensor[]): Promise<string> => {
      const error: unknown = await optimizer.setWeights(state).then(() => undefined, (e: unknown) => e);
      expect(code(error)).toBe('bad-optimizer-state');
      return (error as Error).message;
    };
    expect(await refused([])).toMatch(/missing/);
    expect(await refused([iter, entry(`${a.name}/m`, 6)])).toMatch(/1 moments for 1 variables/);
    expect(await refused([iter, entry('nobody/m', 6), entry('nobody/v', 6)])).toMatch(/no variable nobody/);
    expect(await refused([iter, entry(`${a.name}/m`, 5), entry(`${a.name}/v`, 6)])).toMatch(/shape \[5\].*\[6\]/);
    expect(() => optimizer.applyGradients({ nobody: tf.zeros([1]) })).toThrow(/no variable/);
    tf.dispose([a, b]);
  });
});

describe('Adam', () => {
  it.each([
    ['learningRate', () => new Adam(-1)],
    ['learningRate', () => new Adam(NaN)],
    ['beta1', () => new Adam(1, { beta1: 1 })],
    ['beta2', () => new Adam(1, { beta2: -0.1 })],
    ['epsilon', () => new Adam(1, { epsilon: 0 })],
  ])('names a bad option: %s', (option, make) => {
    expect(make).toThrow(new RegExp(`Option ${option} is .*must be`));
  });

  it('is restored from its configuration', () => {
    const config = new Adam(0.5, { beta1: 0.8, beta2: 0.9, epsilon: 1e-3 }).getConfig();
    const restored = Adam.fromConfig<Adam>(Adam, config);
    expect(restored.getConfig()).toEqual({ learningRate: 0.5, beta1: 0.8, beta2: 0.9, epsilon: 1e-3 });
  });

  it('says so when the engine changes under it', async () => {
    await setEngine('tensorflow');
    const variables = makeVariables();
    const optimizer = new Adam();
    apply(optimizer, variables, 0);
    await setEngine('cpu');
    let error: unknown;
    try {
      apply(optimizer, variables, 1);
    } catch (e) {
      error = e;
    }
    expect(code(error)).toBe('engine-changed');
    await setEngine('tensorflow');
    optimizer.dispose();
  });
});
