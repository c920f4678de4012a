import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { RunLock, shellCommand } from '@fixres/runs/node';
import { counted } from '@fixres/runs/report';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { interruptible } from '../terminal/interruptible.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { backends } from './backends.ts';
import { runLocally } from './run-locally.ts';
import { sweepFiles, writeSweep } from './sweep-folder.ts';
import type { Submission, SweepPlan } from './sweep-plan.ts';
import { sweepSummary } from './sweep-text.ts';
import { type SweepTrial, trialStates } from './trial-states.ts';

interface SubmitOptions extends Pick<Submission, 'on' | 'job'> {
  /** Absolute. */
  folder: string;
  json: boolean;
  terminal: Terminal;
}

/**
 * Submits the trials that have no result and that nothing is running; on this machine, runs them.
 *
 * @throws ExitError if a trial that ran here has no result; FixresRunsError `run-locked` if another
 * process is submitting trials of the sweep
 */
export async function submitTrials(plan: SweepPlan, options: SubmitOptions): Promise<void> {
  const { folder, json, terminal } = options;
  const lock = await RunLock.acquire(sweepFiles.lock(folder));
  try {
    const before = await trialStates(folder, plan);
    const trials = before
      .filter(({ state, isActive }) => state !== 'finished' && !isActive)
      .map(({ trial }) => trial);
    if (trials.length > 0) await submit(plan, trials, options);
    const after = trials.length > 0 ? await trialStates(folder, plan) : before;
    if (json) terminal.result(JSON.stringify({ folder, submitted: trials, trials: after }));
    else terminal.result(sweepSummary(folder, after));
    if (options.on === 'local') requireFinished(trials, after);
  } finally {
    await lock.release();
  }
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
    await backends[on].submit(submission, folder);
    terminal.line(`Submitted ${counted(trials.length, 'trial')} to ${on} as ${submission.name}.`);
    return;
  }
  const resume = shellCommand(['fixres', 'sweep', 'resume', folder]);
  await interruptible(
    (signal) => runLocally({ submission, folder, terminal, signal }),
    () =>
      `Interrupted. The trials so far are in ${join(folder, 'trials')}. Resume them with: ${resume}`,
  );
}

export function newSubmission(of: Pick<Submission, 'on' | 'job' | 'trials'>): Submission {
  return { name: `fixres-${randomUUID().slice(0, 8)}`, ...of, time: new Date().toISOString() };
}

function requireFinished(submitted: readonly string[], trials: readonly SweepTrial[]): void {
  const failed = trials.filter(
    ({ trial, state }) => submitted.includes(trial) && state !== 'finished',
  );
  if (failed.length === 0) return;
  const [{ trial, problem }] = failed as [SweepTrial];
  throw new ExitError(
    exitCodes.failed,
    `error: ${counted(failed.length, 'trial')} failed; the first is ${trial}${problem === null ? '' : `: ${problem}`}`,
  );
}
