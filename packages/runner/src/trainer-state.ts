import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from './errors.ts';
import type { StateArray, StateArrays, StepAverage, StepOptimizer } from './trainer.ts';

/** The parts of a training whose numbers make its state. */
export interface TrainingParts {
  model: LayersModel;
  optimizer: StepOptimizer;
  average?: StepAverage | undefined;
}

const OPTIMIZER = 'optimizer/';

/** Copies the state of a training; see `Trainer.state` for the names. */
export async function readTrainingState({ model, optimizer, average }: TrainingParts): Promise<StateArrays> {
  const state: StateArrays = new Map();
  for (const { originalName, val } of weightsOf(model)) state.set(originalName, await arrayOf(val));
  const stableNames = new Map(weightsOf(model).map(({ originalName, val }) => [val.name, originalName]));
  const entries = await optimizer.getWeights();
  try {
    for (const { name, tensor } of entries) state.set(OPTIMIZER + renamed(name, stableNames), await arrayOf(tensor));
  } finally {
    tf.dispose(entries.map(({ tensor }) => tensor));
  }
  for (const [name, array] of (await average?.state()) ?? []) state.set(name, array);
  return state;
}

/** Puts a state back into model, optimiser and average. */
export async function restoreTrainingState({ model, optimizer, average }: TrainingParts, state: StateArrays): Promise<void> {
  const weights = weightsOf(model).map(({ originalName, val }) => ({ val, array: entryOf(state, originalName, val.shape) }));
  const processNames = new Map(weightsOf(model).map(({ originalName, val }) => [originalName, val.name]));
  const slots = [...state].filter(([name]) => name.startsWith(OPTIMIZER)).map(([name, array]) => ({
    name: renamed(name.slice(OPTIMIZER.length), processNames),
    tensor: tensorOf(array),
  }));
  try {
    await optimizer.setWeights(slots);
  } finally {
    tf.dispose(slots.map(({ tensor }) => tensor));
  }
  average?.restore(state);
  tf.tidy(() => {
    for (const { val, array } of weights) val.assign(tensorOf(array));
  });
}

/** A weight as tfjs-layers holds it. Its original name is the same in every process, that of the tfjs variable is not. */
interface Weight {
  originalName: string;
  val: tf.Variable;
}

function weightsOf(model: LayersModel): Weight[] {
  return model.weights as unknown as Weight[];
}

/** An optimiser's entry is called after the variable, `VARIABLE/SLOT`; the step count `iter` is not. */
function renamed(entry: string, names: ReadonlyMap<string, string>): string {
  const end = entry.lastIndexOf('/');
  const name = names.get(entry.slice(0, end));
  return name === undefined ? entry : name + entry.slice(end);
}

function entryOf(state: StateArrays, name: string, shape: number[]): StateArray {
  const array = state.get(name);
  if (array === undefined) throw new FixresRunnerError('bad-state', `The training state has no ${name}, a weight of the model.`);
  if (tf.util.arraysEqual(array.shape, shape)) return array;
  const message = `${name} has shape [${array.shape.join()}] in the training state and [${shape.join()}] in the model.`;
  throw new FixresRunnerError('bad-state', message);
}

async function arrayOf(tensor: tf.Tensor): Promise<StateArray> {
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
  // A copy: some backends hand out the memory they compute on.
  return { shape: [...tensor.shape], dtype, values: (await tensor.data<'float32' | 'int32'>()).slice() };
}

function tensorOf({ values, shape, dtype }: StateArray): tf.Tensor {
  return tf.tensor(values.slice(), shape, dtype);
}
