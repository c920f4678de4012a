import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { applyStep, gradient, makeVariables } from '../../test/support/optimizer-steps.ts';
import { FixresModelsError } from '../errors.ts';
import { Adam } from './adam.ts';
import { LAMB } from './lamb.ts';
import { RMSprop } from './rmsprop.ts';
import { SGD } from './sgd.ts';
import type { NamedTensor, OptimizerOptions, SlotOptimizer } from './slot-optimizer.ts';

const kinds: [string, (options?: OptimizerOptions) => SlotOptimizer][] = [
  ['Adam', (options) => new Adam(1e-2, options)],
  ['SGD with momentum', (options) => new SGD(1e-2, { momentum: 0.9, ...options })],
  ['SGD', (options) => new SGD(1e-2, options)],
  ['LAMB', (options) => new LAMB(1e-2, options)],
  ['RMSprop', (options) => new RMSprop(1e-2, { momentum: 0.9, ...options })],
];
const values = (variables: readonly tf.Variable[]): number[][] =>
  variables.map((variable) => [...variable.dataSync()]);

for (const engine of engines)
  describe.each(kinds)(`%s on ${engine}`, onEngine(engine), (_, make) => {
    beforeEach(() => setEngine(engine));

    it('continues exactly from a saved state with entries in any order', async () => {
      const variables = makeVariables();
      const optimizer = make();
      applyStep(optimizer, variables, 0);
      applyStep(optimizer, variables, 1);
      const state = await optimizer.getWeights();
      const slots = optimizer.slotNames.flatMap((slot) =>
        variables.map(({ name }) => `${name}/${slot}`),
      );
      expect(state.map(({ name }) => name)).toEqual(['iter', ...slots]);
      const saved = variables.map((variable) => variable.clone());
      applyStep(optimizer, variables, 2);
      const expected = values(variables);
      optimizer.dispose();

      variables.forEach((variable, i) => variable.assign(saved[i]!));
      const resumed = make();
      await resumed.setWeights([...state].reverse());
      expect(resumed.iterations).toBe(2);
      tf.dispose(state.map(({ tensor }) => tensor));
      applyStep(resumed, variables, 2);
      expect(values(variables)).toEqual(expected);
      resumed.dispose();
      tf.dispose([...variables, ...saved]);
    });

    it('keeps the state of a variable when the set of variables changes', () => {
      const [a, b] = makeVariables();
      const [a2, b2] = makeVariables();
      const [some, all] = [make(), make()];
      tf.tidy(() => {
        some.applyGradients([
          { name: a.name, tensor: gradient('a', 0) },
          { name: b.name, tensor: gradient('b', 0) },
        ]);
        // Only b, now at the first position.
        some.applyGradients([{ name: b.name, tensor: gradient('b', 1) }]);
        all.applyGradients([
          { name: a2.name, tensor: gradient('a', 0) },
          { name: b2.name, tensor: gradient('b', 0) },
        ]);
        all.applyGradients([
          { name: a2.name, tensor: null as never },
          { name: b2.name, tensor: gradient('b', 1) },
        ]);
      });
      expect(values([a, b])).toEqual(values([a2, b2]));
      some.dispose();
      all.dispose();
      tf.dispose([a, b, a2, b2]);
    });

    it('multiplies the rate of a variable, including its decay', () => {
      const options = { weightDecay: 0.1 };
      const tenth = makeVariables();
      const mixed = makeVariables();
      const whole = makeVariables();
      const slow = make(options);
      slow.learningRate = 1e-3;
      const both = make({ ...options, rateOf: (name) => (name === mixed[0].name ? 0.1 : 1) });
      const fast = make(options);
      for (let step = 0; step < 3; step++) {
        applyStep(slow, tenth, step);
        applyStep(both, mixed, step);
        applyStep(fast, whole, step);
      }
      // 0.1 times the rate is rounded in float32, so the last digit may differ.
      mixed[0]
        .dataSync()
        .forEach((value, i) => expect(value).toBeCloseTo(tenth[0].dataSync()[i]!, 6));
      expect(values([mixed[1]])).toEqual(values([whole[1]]));
      expect(values([mixed[0]])).not.toEqual(values([whole[0]]));
      for (const optimizer of [slow, both, fast]) optimizer.dispose();
      tf.dispose([...tenth, ...mixed, ...whole]);
    });

    it('takes the same step with scalars given as tensors, and counts it on request', () => {
      const eager = makeVariables();
      const given = makeVariables();
      const [usual, split] = [make(), make()];
      split.build(given);
      const before = tf.memory().numTensors;
      for (let step = 0; step < 2; step++) {
        applyStep(usual, eager, step);
        tf.tidy(() => {
          const scalars = Object.entries(split.stepScalars()).map(([name, value]) => [
            name,
            tf.scalar(value),
          ]);
          const gradients = {
            [given[0].name]: gradient('a', step),
            [given[1].name]: gradient('b', step),
          };
          split.update(gradients, Object.fromEntries(scalars) as Record<string, tf.Scalar>);
        });
        expect(split.iterations).toBe(step);
        split.countStep();
      }
      expect(values(given)).toEqual(values(eager));
      usual.dispose();
      expect(tf.memory().numTensors).toBe(before);
      split.dispose();
      tf.dispose([...eager, ...given]);
    });
  });

describe('every optimizer', () => {
  beforeEach(() => setEngine('cpu'));
  const code = (e: unknown): string | undefined =>
    e instanceof FixresModelsError ? e.code : undefined;

  it('rejects a state that does not fit, and keeps its own', async () => {
    const [a, b] = makeVariables();
    const optimizer = new Adam();
    applyStep(optimizer, [a, b], 0);
    const iter: NamedTensor = { name: 'iter', tensor: tf.scalar(1, 'int32') };
    const entry = (name: string, size: number): NamedTensor => ({ name, tensor: tf.zeros([size]) });
    const refused = async (state: NamedTensor[]): Promise<string> => {
      const error: unknown = await optimizer.setWeights(state).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(code(error)).toBe('bad-optimizer-state');
      return (error as Error).message;
    };
    expect(await refused([])).toMatch(/iter is missing/);
    expect(await refused([iter, entry(`${a.name}/m`, 6)])).toMatch(/\/v is missing/);
    expect(await refused([iter, entry(`${a.name}/momentum`, 6)])).toMatch(
      /not one of iter, VARIABLE\/m, VARIABLE\/v/,
    );
    expect(await refused([iter, entry('nobody/m', 6), entry('nobody/v', 6)])).toMatch(
      /variable nobody does not exist/,
    );
    expect(await refused([iter, entry(`${a.name}/m`, 5), entry(`${a.name}/v`, 6)])).toMatch(
      /shape \[5\].*\[6\]/,
    );
    expect((await optimizer.getWeights()).length).toBe(5);
    expect(() => optimizer.applyGradients({ nobody: tf.zeros([1]) })).toThrow(
      /variable nobody does not exist/,
    );
    tf.dispose([a, b]);
  });

  it('rejects invalid rates', () => {
    const variables = makeVariables();
    expect(() => applyStep(new SGD(1, { rateOf: () => -1 }), variables, 0)).toThrow(
      /Option rateOf\(".*"\) is -1; it must be/,
    );
    const optimizer = new SGD(1);
    expect(() => (optimizer.learningRate = NaN)).toThrow(/Option learningRate is NaN/);
    expect(optimizer.learningRate).toBe(1);
    tf.dispose(variables);
  });

  it('reports when the engine changes', { tags: 'native-engine' }, async () => {
    await setEngine('tensorflow');
    const variables = makeVariables();
    const optimizer = new Adam();
    applyStep(optimizer, variables, 0);
    await setEngine('cpu');
    let error: unknown;
    try {
      applyStep(optimizer, variables, 1);
    } catch (e) {
      error = e;
    }
    expect(code(error)).toBe('engine-changed');
    await setEngine('tensorflow');
    optimizer.dispose();
    tf.dispose(variables);
  });
});
