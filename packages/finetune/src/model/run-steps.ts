import * as tf from '@tensorflow/tfjs-core';
import type { GraphStep, GraphValue } from './model-graph.ts';

/** Options of {@link runSteps}. */
export interface RunOptions {
  training: boolean;
  /**
   * Dispose each intermediate tensor after its last use. Not inside a gradient function, which
   * needs them.
   */
  release: boolean;
}

/** Runs steps in order. Values that no step computes come from `given`. */
export function runSteps(
  steps: readonly GraphStep[],
  wanted: readonly GraphValue[],
  given: (value: GraphValue) => tf.Tensor,
  { training, release }: RunOptions,
): tf.Tensor[] {
  const inside = new Set(steps);
  const computed = new Map<GraphStep, tf.Tensor[]>();
  const uses = new Map<GraphStep, number>();
  for (const { step } of [...steps.flatMap(({ inputs }) => inputs), ...wanted]) {
    if (step !== null) uses.set(step, (uses.get(step) ?? 0) + 1);
  }
  const valueOf = (value: GraphValue): tf.Tensor => {
    const { step, index, castTo } = value;
    const tensor =
      step !== null && inside.has(step) ? at(computed.get(step) ?? [], index) : given(value);
    return castTo === undefined || tensor.dtype === castTo ? tensor : tf.cast(tensor, castTo);
  };
  for (const step of steps) {
    const inputs = step.inputs.map(valueOf);
    const output = step.layer.apply(inputs, { training }) as tf.Tensor | tf.Tensor[];
    computed.set(step, Array.isArray(output) ? output : [output]);
    if (!release) continue;
    for (const { step: before } of step.inputs) {
      if (before === null) continue;
      const left = (uses.get(before) ?? 0) - 1;
      uses.set(before, left);
      if (left === 0) tf.dispose(computed.get(before) ?? []);
    }
  }
  // A requested value that is only passed through is cloned, so that the caller can dispose inputs
  // and results separately.
  return wanted.map((value) =>
    value.step !== null && inside.has(value.step) ? valueOf(value) : valueOf(value).clone(),
  );
}

/** @throws RangeError for a model that returns fewer tensors than its graph states. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`tensor ${index} is missing: ${list.length} given`);
  return item;
}
