import * as tf from '@tensorflow/tfjs-core';
import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import type { StateArray, StateArrays } from '@fixres/runs';

/** A weight with a name that is the same in every process, unlike that of the tfjs variable. */
interface Weight {
  name: string;
  val: tf.Variable;
}

interface LayerWeight {
  originalName: string;
  val: tf.Variable;
}

/**
 * All weights of a model, including running statistics and frozen ones. Each has the name from its
 * layer; layers of nested models can have equal names, which are then prefixed by the names of the
 * models around them.
 */
export function weightsOf(model: LayersModel): Weight[] {
  const all = placedWeights(model.layers, '');
  const counts = new Map<string, number>();
  for (const { originalName } of all) counts.set(originalName, (counts.get(originalName) ?? 0) + 1);
  return all.map(({ place, originalName, val }) => ({
    name: counts.get(originalName) === 1 ? originalName : place + originalName,
    val,
  }));
}

function placedWeights(
  layers: readonly layers.Layer[],
  place: string,
): (LayerWeight & { place: string })[] {
  return layers.flatMap((layer) => {
    if ('layers' in layer)
      return placedWeights((layer as LayersModel).layers, `${place}${layer.name}/`);
    return (layer.weights as unknown as LayerWeight[]).map(({ originalName, val }) => ({
      place,
      originalName,
      val,
    }));
  });
}

/** A copy of a model's weights and running statistics, by their names in the model. */
export async function readWeights(model: LayersModel): Promise<StateArrays> {
  const state: StateArrays = new Map();
  for (const { name, val } of weightsOf(model)) state.set(name, await arrayOf(val));
  return state;
}

/**
 * Restores weights, to the bit. Other entries of the state are ignored.
 *
 * @throws FixresRunnerError `bad-state` if a weight is missing or has another shape; nothing is
 * changed then
 */
export function writeWeights(model: LayersModel, state: StateArrays): void {
  const weights = weightsOf(model).map(({ name, val }) => ({
    val,
    array: entryOf(state, name, val.shape),
  }));
  tf.tidy(() => {
    for (const { val, array } of weights) val.assign(tensorOf(array));
  });
}

/** A copy of a tensor's numbers. */
export async function arrayOf(tensor: tf.Tensor): Promise<StateArray> {
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
  // A copy, because some backends return the memory they compute on.
  return {
    shape: [...tensor.shape],
    dtype,
    values: (await tensor.data<'float32' | 'int32'>()).slice(),
  };
}

/** A tensor with these numbers. The caller disposes it. */
export function tensorOf({ values, shape, dtype }: StateArray): tf.Tensor {
  return tf.tensor(values.slice(), shape, dtype);
}

function entryOf(state: StateArrays, name: string, shape: number[]): StateArray {
  const array = state.get(name);
  if (array === undefined)
    throw new FixresRunnerError(
      'bad-state',
      `The training state has no ${name}, a weight of the model.`,
    );
  if (tf.util.arraysEqual(array.shape, shape)) return array;
  const message = `${name} has shape [${array.shape.join()}] in the training state and [${shape.join()}] in the model.`;
  throw new FixresRunnerError('bad-state', message);
}
