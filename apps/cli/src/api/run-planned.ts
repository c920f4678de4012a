import { runSession } from '@fixres/runner/node';
import type { Summary } from '@fixres/runs';
import type { PlannedRun } from '../plans/planned-run.ts';
import type { RunControl } from './api-options.ts';

/** A finished run. */
export interface RunResult {
  /**
   * The run folder with models, predictions, log and report. It can be passed as a model to
   * `finetune`, `evaluate` and `predict`.
   */
  folder: string;
  /** The content of `summary.json`. */
  summary: Summary;
}

/** Runs a plan to completion. */
export async function runPlanned(
  { plan, folder }: PlannedRun,
  { signal, onEvent, onNote, onProgress, variables }: RunControl,
): Promise<RunResult> {
  const on = { event: onEvent, note: onNote, warning: onNote, progress: onProgress };
  return { folder, summary: await runSession(plan, { folder, signal, variables, on }) };
}
