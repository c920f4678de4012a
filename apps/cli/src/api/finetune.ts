import { type FinetuneOptions as Options, finetunePlan } from '../plans/finetune-plan.ts';
import { type RunControl, withDefaults, type WithDefaults } from './api-options.ts';
import { finetuneDefaults } from './defaults.ts';
import { runPlanned, type RunResult } from './run-planned.ts';

/** Options of {@link finetune}, with the names of `fixres finetune`. */
export interface FinetuneOptions
  extends WithDefaults<Options, typeof finetuneDefaults>, RunControl {
  /** Model folder or run folder. */
  model: string;
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
}

/**
 * Fine-tunes a trained model, for example at a larger size, and verifies that frozen layers did not
 * change.
 *
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function finetune(options: FinetuneOptions): Promise<RunResult> {
  const { model, dataset, signal, onEvent, onNote, onProgress, variables, ...rest } = options;
  const planned = await finetunePlan(model, dataset, withDefaults(rest, finetuneDefaults), (text) =>
    onNote?.(text),
  );
  return runPlanned(planned, { signal, onEvent, onNote, onProgress, variables });
}
