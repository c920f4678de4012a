import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { arrayOf, readWeights, tensorOf, weightsOf, writeWeights } from './model-weights.ts';
import type { StateArrays } from '@fixres/runs';
import type { StepAverage, StepOptimizer } from './trainer.ts';

/** The parts of a training whose numbers make up its state. */
export interface TrainingParts {
  model: LayersModel;
  optimizer: StepOptimizer;
  average?: StepAverage | undefined;
}

const OPTIMIZER = 'optimizer/';

/** Copies the state of a training; see `Trainer.state` for the names. */
export async function readTrainingState({
  model,
  optimizer,
  average,
}: TrainingParts): Promise<StateArrays> {
  const state = await readWeights(model);
  const stableNames = new Map(weightsOf(model).map(({ name, val }) => [val.name, name]));
  const entries = await optimizer.getWeights();
  try {
    for (const { name, tensor } of entries)
      state.set(OPTIMIZER + renamed(name, stableNames), await arrayOf(tensor));
  } finally {
    tf.dispose(entries.map(({ tensor }) => tensor));
  }
  for (const [name, array] of (await average?.state()) ?? []) state.set(name, array);
  return state;
}

/** Puts a state back into model, optimiser and average. */
export async function restoreTrainingState(
  { model, optimizer, average }: TrainingParts,
  state: StateArrays,
): Promise<void> {
  writeWeights(model, state);
  const processNames = new Map(weightsOf(model).map(({ name, val }) => [name, val.name]));
  const slots = [...state]
    .filter(([name]) => name.startsWith(OPTIMIZER))
    .map(([name, array]) => ({
      name: renamed(name.slice(OPTIMIZER.length), processNames),
      tensor: tensorOf(array),
    }));
  try {
    await optimizer.setWeights(slots);
  } finally {
    tf.dispose(slots.map(({ tensor }) => tensor));
  }
  average?.restore(state);
}

/**
 * An optimiser's entry is named after the variable, `VARIABLE/SLOT`; the step count `iter` is not.
 */
function renamed(entry: string, names: ReadonlyMap<string, string>): string {
  const end = entry.lastIndexOf('/');
  const name = names.get(entry.slice(0, end));
  return name === undefined ? entry : name + entry.slice(end);
}
