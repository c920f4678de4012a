import * as tf from '@tensorflow/tfjs-core';
import type { SlotOptimizer } from '../../src/optimizers/slot-optimizer.ts';
import { fill } from './fill.ts';

const f32 = (values: Float64Array): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));

// As in `optimizer_steps` of scripts/make-keras-fixtures.py: gradients from 1e-10 to 1e2 in size.
const scales = [-10, -7.6, -5.2, -2.8, -0.4, 2].map((e) => 10 ** e);

/**
 * The gradient of variable `a` (size 6) or `b` (size 4) in a step, counted from 0. The caller
 * disposes it.
 */
export function gradient(name: 'a' | 'b', step: number): tf.Tensor1D {
  return f32(fill(`g${name}${step}`, name === 'a' ? 6 : 4).map((u, i) => u * scales[i]!));
}

/** The variables `a` and `b`. The caller disposes them. */
export function makeVariables(): [a: tf.Variable, b: tf.Variable] {
  return tf.tidy(() => [tf.variable(f32(fill('a', 6))), tf.variable(f32(fill('b', 4)))]);
}

/** Takes one step. */
export function applyStep(
  optimizer: SlotOptimizer,
  [a, b]: readonly [tf.Variable, tf.Variable],
  step: number,
): void {
  tf.tidy(() =>
    optimizer.applyGradients({ [a.name]: gradient('a', step), [b.name]: gradient('b', step) }),
  );
}

/**
 * The largest difference from Keras over the five steps of a fixture. `make` receives the name of
 * the variable that does not decay.
 */
export function differenceToKeras(
  make: (excluded: string) => SlotOptimizer,
  steps: readonly [number[], number[]][],
): number {
  const variables = makeVariables();
  const optimizer = make(variables[1].name);
  let worst = 0;
  for (const [i, expected] of steps.entries()) {
    if (i === 3) optimizer.learningRate = 1e-3;
    applyStep(optimizer, variables, i);
    variables.forEach((variable, k) => {
      const values = variable.dataSync();
      for (const [n, value] of expected[k]!.entries())
        worst = Math.max(worst, Math.abs(values[n]! - value) / Math.max(1, Math.abs(value)));
    });
  }
  optimizer.dispose();
  tf.dispose(variables);
  return worst;
}
