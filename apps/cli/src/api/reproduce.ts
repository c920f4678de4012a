import { type ReproduceOptions as Options, reproducePlan } from '../plans/reproduce-plan.ts';
import { type RunControl, withDefaults, type WithDefaults } from './api-options.ts';
import { reproduceDefaults } from './defaults.ts';
import { runPlanned, type RunResult } from './run-planned.ts';

/** Options of {@link reproduce}, with the names of `fixres reproduce`. */
export interface ReproduceOptions
  extends WithDefaults<Options, typeof reproduceDefaults>, RunControl {
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
}

/**
 * Runs the FixRes experiment: trains at a small size, fine-tunes at a larger one, and compares with
 * training at the large size from scratch.
 *
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function reproduce(options: ReproduceOptions): Promise<RunResult> {
  const { dataset, signal, onEvent, onNote, onProgress, variables, ...rest } = options;
  const planned = await reproducePlan(dataset, withDefaults(rest, reproduceDefaults));
  return runPlanned(planned, { signal, onEvent, onNote, onProgress, variables });
}
