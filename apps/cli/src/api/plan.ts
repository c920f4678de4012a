import { makePlan } from '../plan/make-plan.ts';
import { planJson, type PlanJson } from '../plan/plan-json.ts';
import type { PlanOptions as Options } from '../plan/plan-options.ts';
import { type Control, withDefaults, type WithDefaults } from './api-options.ts';
import { planDefaults } from './defaults.ts';

/** Options of {@link plan}, with the names of `fixres plan`. */
export interface PlanOptions extends WithDefaults<Options, typeof planDefaults>, Control {
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
  /** Model folder or run folder to measure with. Default: an estimate alone, which needs `trainSize`. */
  model?: string | undefined;
}

/**
 * Recommends a test resolution: simulates training crops for the sizes of the images and compares
 * test policies; with a model, measures them on its held-out images.
 *
 * @returns the output of `fixres plan --json`
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function plan(options: PlanOptions): Promise<PlanJson> {
  const { dataset, model, signal, onNote, onProgress, ...rest } = options;
  const made = await makePlan(model, dataset, withDefaults(rest, planDefaults), {
    on: { note: onNote, warning: onNote, progress: onProgress },
    signal: signal ?? new AbortController().signal,
  });
  return planJson(made);
}
