import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { trialsOf } from '@fixres/runs';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import type { RunCommandOptions } from '../plans/run-plan.ts';
import { Terminal } from '../terminal/terminal.ts';
import type { SweepBackend } from '../sweep/backend-names.ts';
import { backends } from '../sweep/backends.ts';
import {
  type HalvingChoice,
  halvingChoice,
  type HalvingOptions,
} from '../sweep/halving-options.ts';
import { jobSettings, type JobOptions, runOptionsOf } from '../sweep/job-settings.ts';
import { planSweep } from '../sweep/plan-sweep.ts';
import { createSweep, findSweep, sweepFiles } from '../sweep/sweep-folder.ts';
import { firstTrials, newHalving, selectionContent } from '../sweep/new-halving.ts';
import { newSubmission } from '../sweep/new-submission.ts';
import { submitTrials } from '../sweep/submit-trials.ts';
import type { SweepHalving, SweepPlan } from '../sweep/sweep-plan.ts';

/** Options of `fixres sweep start`, as the command line gives them. */
export interface SweepStartOptions
  extends Omit<RunCommandOptions, 'only' | 'ndjson' | 'verbose'>, JobOptions, HalvingOptions {
  on: SweepBackend;
  out: string;
}

/** Starts the trials of an experiment, or those of an earlier start that have no result. */
export async function sweepStart(file: string, options: SweepStartOptions): Promise<void> {
  const { on, out, json = false, quiet, dryRun = false } = options;
  const terminal = new Terminal({ quiet });
  const folder = resolve(out);
  const job = jobSettings(on, options);
  const choice = halvingChoice(options);
  const atOnce = job.maxParallel ?? (on === 'local' ? 1 : Infinity);
  const earlier = await findSweep(folder);
  let halving: SweepHalving | undefined;
  const { planned, experiment, command } = await planSweep(
    file,
    runOptionsOf(options),
    terminal,
    (whole) => {
      if (choice === undefined) return whole;
      halving = asEarlier(newHalving(whole, choice, atOnce), choice, earlier);
      return selectionContent(whole, halving);
    },
  );
  const trials = halving
    ? firstTrials(planned, halving)
    : trialsOf(planned).map(({ name }) => name);
  const submission = newSubmission({
    ...{ on, job },
    ...(halving?.over === 'epochs'
      ? { trials: [], workers: Math.min(atOnce, trials.length) }
      : { trials }),
  });
  if (dryRun) {
    if (json) terminal.result(JSON.stringify({ folder, submission }));
    else if (on === 'local') terminal.result(trials.join('\n'));
    else terminal.result(backends[on].describe(submission, folder));
    return;
  }
  // Refuses settings that the scheduler cannot have, before anything is written.
  if (on !== 'local') backends[on].describe(submission, folder);
  const plan: SweepPlan = {
    version: 1,
    command,
    trials,
    ...(halving && { halving }),
    submissions: [],
  };
  if (earlier === undefined) await createSweep(folder, { plan, experiment });
  else await requireSame(folder, experiment, { earlier, halving });
  await submitTrials(earlier ?? plan, { folder, on, job, json, terminal });
}

/** Another number of trials at a time changes no sweep that has begun. */
function asEarlier(
  halving: SweepHalving,
  { promotion }: HalvingChoice,
  earlier: SweepPlan | undefined,
): SweepHalving {
  if (halving.over !== 'epochs' || earlier?.halving?.over !== 'epochs' || promotion !== undefined)
    return halving;
  return { ...halving, promotion: earlier.halving.promotion };
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
