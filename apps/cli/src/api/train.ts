import { type TrainOptions as Options, trainPlan } from '../plans/train-plan.ts';
import { type RunControl, withDefaults, type WithDefaults } from './api-options.ts';
import { trainDefaults } from './defaults.ts';
import { runPlanned, type RunResult } from './run-planned.ts';

/** Options of {@link train}, with the names of `fixres train`. */
export interface TrainOptions extends WithDefaults<Options, typeof trainDefaults>, RunControl {
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
}

/**
 * Trains a model from scratch, or initialised from another model, and writes a run folder.
 *
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function train(options: TrainOptions): Promise<RunResult> {
  const { dataset, signal, onEvent, onNote, onProgress, variables, ...rest } = options;
  // A recipe has a learning rate of its own.
  const { learningRate, ...others } = trainDefaults;
  const defaults = rest.recipe === undefined ? { ...others, learningRate } : others;
  const planned = await trainPlan(dataset, withDefaults(rest, defaults), (text) => onNote?.(text));
  return runPlanned(planned, { signal, onEvent, onNote, onProgress, variables });
}
