import { type PlanOptions as Options, planDataset } from '../plan/plan-dataset.ts';
import { planJson, type PlanJson } from '../plan/plan-json.ts';
import { type Control, withDefaults, type WithDefaults } from './api-options.ts';
import { planDefaults } from './defaults.ts';

/** Options of {@link plan}, with the names of `fixres plan`. */
export interface PlanOptions extends WithDefaults<Options, typeof planDefaults>, Control {
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
}

/**
 * Recommends a test resolution: simulates training crops for the sizes of the images and compares
 * test policies.
 *
 * @returns the output of `fixres plan --json`
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function plan(options: PlanOptions): Promise<PlanJson> {
  const { dataset, signal, onNote, onProgress, ...rest } = options;
  const planned = await planDataset(dataset, withDefaults(rest, planDefaults), {
    on: { note: onNote, warning: onNote, progress: onProgress },
    signal: signal ?? new AbortController().signal,
  });
  return planJson(planned.dataset, planned.plan);
}
