import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { trialsOf } from '@fixres/runs';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import type { RunCommandOptions } from '../plans/run-plan.ts';
import { Terminal } from '../terminal/terminal.ts';
import type { SweepBackend } from '../sweep/backend-names.ts';
import { backends } from '../sweep/backends.ts';
import { jobSettings, type JobOptions, runOptionsOf } from '../sweep/job-settings.ts';
import { planSweep } from '../sweep/plan-sweep.ts';
import { createSweep, findSweep, sweepFiles } from '../sweep/sweep-folder.ts';
import { newSubmission, submitTrials } from '../sweep/submit-trials.ts';
import { firstTrials, newHalving, selectionExperiment } from '../sweep/halving.ts';
import type { SweepHalving, SweepPlan } from '../sweep/sweep-plan.ts';

/** Options of `fixres sweep start`, as the command line gives them. */
export interface SweepStartOptions
  extends Omit<RunCommandOptions, 'only' | 'ndjson' | 'verbose'>, JobOptions {
  on: SweepBackend;
  out: string;
  /** The reduction. */
  halving?: number;
  survivors?: number;
}

/** Starts the trials of an experiment, or those of an earlier start that have no result. */
export async function sweepStart(file: string, options: SweepStartOptions): Promise<void> {
  const { on, out, json = false, quiet, dryRun = false } = options;
  const terminal = new Terminal({ quiet });
  const folder = resolve(out);
  const job = jobSettings(on, options);
  const { halving: reduction, survivors = 2 } = options;
  if (reduction === undefined && options.survivors !== undefined)
    throw new ExitError(exitCodes.usage, 'error: Option --survivors goes with --halving only.');
  let halving: SweepHalving | undefined;
  const { planned, experiment, command } = await planSweep(
    file,
    runOptionsOf(options),
    terminal,
    (whole) => {
      if (reduction === undefined) return whole;
      halving = newHalving(whole, { reduction, survivors });
      return selectionExperiment(whole, halving);
    },
  );
  const trials = halving
    ? firstTrials(planned, halving)
    : trialsOf(planned).map(({ name }) => name);
  if (dryRun) {
    const submission = newSubmission({ on, job, trials });
    if (json) terminal.result(JSON.stringify({ folder, submission }));
    else if (on === 'local') terminal.result(trials.join('\n'));
    else terminal.result(backends[on].describe(submission, folder));
    return;
  }
  // Refuses settings that the scheduler cannot have, before anything is written.
  if (on !== 'local') backends[on].describe(newSubmission({ on, job, trials }), folder);
  const plan: SweepPlan = {
    version: 1,
    command,
    trials,
    ...(halving && { halving }),
    submissions: [],
  };
  const earlier = await findSweep(folder);
  if (earlier === undefined) await createSweep(folder, { plan, experiment });
  else await requireSame(folder, experiment, { earlier, halving });
  await submitTrials(earlier ?? plan, { folder, on, job, json, terminal });
}

async function requireSame(
  folder: string,
  experiment: string,
  { earlier, halving }: { earlier: SweepPlan; halving: SweepHalving | undefined },
): Promise<void> {
  const stored = await readFile(sweepFiles.experiment(folder), 'utf8').catch(() => undefined);
  const isSame = JSON.stringify(earlier.halving) === JSON.stringify(halving);
  if (stored === experiment && isSame) return;
  throw new ExitError(
    exitCodes.usage,
    `error: "${folder}" contains a sweep of another experiment. Choose another with --out.`,
  );
}
