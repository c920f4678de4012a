import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from './errors.ts';
import type { StateArray, StateArrays } from './trainer.ts';

/** A weight as tfjs-layers holds it. Its original name is the same in every process, that of the tfjs variable is not. */
interface Weight {
  originalName: string;
  val: tf.Variable;
}

/** All weights of a model, running statistics included, whatever trains. */
export function weightsOf(model: LayersModel): Weight[] {
  return model.weights as unknown as Weight[];
}

/** A copy of a model's weights and running statistics, by their names in the model. */
export async function readWeights(model: LayersModel): Promise<StateArrays> {
  const state: StateArrays = new Map();
  for (const { originalName, val } of weightsOf(model)) state.set(originalName, await arrayOf(val));
  return state;
}

/**
 * Puts weights back, to the bit. Other entries of the state are ignored.
 *
 * @throws FixresRunnerError `bad-state` when a weight is missing or has another shape; nothing is changed then
 */
export function writeWeights(model: LayersModel, state: StateArrays): void {
  const weights = weightsOf(model).map(({ originalName, val }) => ({ val, array: entryOf(state, originalName, val.shape) }));
  tf.tidy(() => {
    for (const { val, array } of weights) val.assign(tensorOf(array));
  });
}

/** A copy of a tensor's numbers. */
export async function arrayOf(tensor: tf.Tensor): Promise<StateArray> {
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
  // A copy: some backends hand out the memory they compute on.
  return { shape: [...tensor.shape], dtype, values: (await tensor.data<'float32' | 'int32'>()).slice() };
}

/** A tensor with these numbers. The caller disposes it. */
export function tensorOf({ values, shape, dtype }: StateArray): tf.Tensor {
  return tf.tensor(values.slice(), shape, dtype);
}

function entryOf(state: StateArrays, name: string, shape: number[]): StateArray {
  const array = state.get(name);
  if (array === undefined) throw new FixresRunnerError('bad-state', `The training state has no ${name}, a weight of the model.`);
  if (tf.util.arraysEqual(array.shape, shape)) return array;
  const message = `${name} has shape [${array.shape.join()}] in the training state and [${shape.join()}] in the model.`;
  throw new FixresRunnerError('bad-state', message);
}
