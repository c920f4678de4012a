import { join } from 'node:path';
import { RunLock, shellCommand } from '@fixres/runs/node';
import { counted } from '@fixres/runs/report';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { type HalvingProgress, seedProgress } from './halving-progress.ts';
import { newSubmission } from './new-submission.ts';
import { runLocally } from './run-locally.ts';
import { sweepFiles, writeSweep } from './sweep-folder.ts';
import type { SweepPlan } from './sweep-plan.ts';
import { submitJobs } from './submit-jobs.ts';
import type { SubmitOptions, Submitted } from './submit-options.ts';
import { submitWorkers } from './submit-workers.ts';
import { sweepSummary } from './sweep-text.ts';
import { type SweepTrial, trialStates } from './trial-states.ts';
import { writeSurvivors } from './write-survivors.ts';

/**
 * Submits the trials that have no result and that nothing is running, or workers for them; on this machine, runs
 * them.
 *
 * @throws ExitError if a trial that ran here has no result; FixresRunsError `run-locked` if another
 * process is submitting trials of the sweep
 */
export async function submitTrials(plan: SweepPlan, options: SubmitOptions): Promise<void> {
  const { folder, json, terminal } = options;
  const lock = await RunLock.acquire(sweepFiles.lock(folder));
  try {
    const { result, trials, halving } =
      plan.halving?.over === 'epochs'
        ? await submitWorkers(plan, plan.halving, options)
        : await submitRounds(plan, options);
    if (json)
      terminal.result(JSON.stringify({ folder, ...result, trials, ...(halving && { halving }) }));
    else terminal.result(sweepSummary(folder, trials, halving));
    const hasRun = 'submitted' in result ? result.submitted : undefined;
    if (options.on === 'local') requireFinished(hasRun, trials);
  } finally {
    await lock.release();
  }
}

/** All trials; with halving over seeds, on this machine, those of one round after another. */
async function submitRounds(plan: SweepPlan, options: SubmitOptions): Promise<Submitted> {
  const { folder } = options;
  const submitted: string[] = [];
  let { trials: states, halving } = await withNextRound(plan, options);
  for (;;) {
    const trials = states
      .filter(({ state, isActive }) => state !== 'finished' && !isActive)
      .map(({ trial }) => trial);
    // A trial that failed here is not tried again at once.
    if (trials.length === 0 || trials.some((trial) => submitted.includes(trial))) break;
    await submit(plan, trials, options);
    submitted.push(...trials);
    if (options.on !== 'local') {
      states = await trialStates(folder, plan);
      break;
    }
    ({ trials: states, halving } = await withNextRound(plan, options));
  }
  return { result: { submitted }, trials: states, halving };
}

/** The trials of a sweep. If it chooses among arms, those of the next round are added when a round is decided. */
async function withNextRound(
  plan: SweepPlan,
  { folder, terminal }: SubmitOptions,
): Promise<{ trials: SweepTrial[]; halving: HalvingProgress | undefined }> {
  const trials = await trialStates(folder, plan);
  if (plan.halving?.over !== 'seeds') return { trials, halving: undefined };
  const halving = await seedProgress(plan.halving, plan, trials);
  if (halving.isDecided) await writeSurvivors(folder, plan.halving, halving.left, terminal);
  if (halving.next.length === 0) return { trials, halving };
  plan.trials.push(...halving.next);
  await writeSweep(folder, plan);
  // They are trials of the sweep now.
  return { trials: await trialStates(folder, plan), halving: { ...halving, next: [] } };
}

async function submit(
  plan: SweepPlan,
  trials: string[],
  { folder, on, job, terminal }: SubmitOptions,
): Promise<void> {
  const submission = newSubmission({ on, job, trials });
  plan.submissions.push(submission);
  await writeSweep(folder, plan);
  if (on !== 'local') {
    await submitJobs({ ...submission, on }, folder, terminal);
    return;
  }
  const resume = shellCommand(['fixres', 'sweep', 'resume', folder]);
  await interruptible(
    (signal) => runLocally({ submission, folder, terminal, signal }),
    () =>
      `Interrupted. The trials so far are in ${join(folder, 'trials')}. Resume them with: ${resume}`,
  );
}

/** @param submitted names; default: all trials that failed */
function requireFinished(
  submitted: readonly string[] | undefined,
  trials: readonly SweepTrial[],
): void {
  const failed = trials.filter(({ trial, state }) =>
    submitted === undefined
      ? state === 'failed'
      : submitted.includes(trial) && state !== 'finished',
  );
  if (failed.length === 0) return;
  const [{ trial, problem }] = failed as [SweepTrial];
  throw new ExitError(
    exitCodes.failed,
    `error: ${counted(failed.length, 'trial')} failed; the first is ${trial}${problem === null ? '' : `: ${problem}`}`,
  );
}
