import { resolve } from 'node:path';
import { loadRun } from '@fixres/runs/node';
import { counted, percent } from '@fixres/runs/report';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { resultForm } from '../run/output-options.ts';
import { jobOfIndex } from '../sweep/job-of-index.ts';
import { requeuedWhenWarned } from '../sweep/requeued-when-warned.ts';
import { rungValue } from '../sweep/rung-value.ts';
import { readSweep } from '../sweep/sweep-folder.ts';
import type { SweepPlan } from '../sweep/sweep-plan.ts';
import { trainTrial } from '../sweep/train-trial.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres sweep trial`, as the command line gives them. */
export interface SweepTrialOptions {
  untilEpoch?: number;
  json?: boolean;
  quiet?: boolean;
}

/** Runs or resumes one trial of a sweep, in the folder of its next attempt. */
export async function sweepTrial(
  folder: string,
  names: readonly string[],
  { untilEpoch, json = false, quiet = false }: SweepTrialOptions,
): Promise<void> {
  const terminal = new Terminal({ quiet });
  const plan = await readSweep(folder);
  const trial = jobOfIndex(names, 'trials');
  if (!plan.trials.includes(trial)) {
    throw new ExitError(
      exitCodes.usage,
      `error: Trial "${trial}" does not exist; "fixres sweep status ${folder}" lists the trials.`,
    );
  }
  requireEpochs(plan, untilEpoch);
  const form = resultForm({ json });
  await requeuedWhenWarned(async () => {
    const { run, todo } = await trainTrial({
      ...{ folder: resolve(folder), trial, untilEpoch, form, quiet, terminal },
    });
    if (untilEpoch !== undefined) {
      // It is paused, so there is one.
      const accuracy = (await rungValue(run, untilEpoch))!;
      terminal.result(
        json
          ? JSON.stringify({ trial, folder: run, epochs: untilEpoch, accuracy })
          : `Trial ${trial} is paused after ${counted(untilEpoch, 'epoch')}: ${percent(accuracy)} of the held-back images`,
      );
    } else if (todo === 'nothing') {
      const { summary } = await loadRun(run);
      terminal.result(json ? JSON.stringify(summary) : `Trial ${trial} is finished: ${run}`);
    }
  });
}

/** @throws ExitError if a trial is to end where its sweep does not end trials */
function requireEpochs({ halving }: SweepPlan, untilEpoch: number | undefined): void {
  const last = halving?.over === 'epochs' ? halving.rungs.at(-1)! : undefined;
  const problem =
    last === undefined
      ? untilEpoch === undefined
        ? undefined
        : 'is for sweeps with --halving epochs only'
      : untilEpoch === undefined
        ? 'is missing, which trials of a sweep with --halving epochs need'
        : untilEpoch > last
          ? `is ${untilEpoch}; the trials have ${counted(last, 'epoch')}`
          : undefined;
  if (problem !== undefined)
    throw new ExitError(exitCodes.usage, `error: Option --until-epoch ${problem}.`);
}
