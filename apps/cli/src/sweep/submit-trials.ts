import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { RunLock, shellCommand } from '@fixres/runs/node';
import { counted } from '@fixres/runs/report';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { interruptible } from '../terminal/interruptible.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { backends } from './backends.ts';
import { type HalvingProgress, halvingProgress, writeSurvivors } from './halving.ts';
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
    const submitted: string[] = [];
    let { states, halving } = await withNextRound(plan, options);
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
      ({ states, halving } = await withNextRound(plan, options));
    }
    const result = { folder, submitted, trials: states, ...(halving && { halving }) };
    if (json) terminal.result(JSON.stringify(result));
    else terminal.result(sweepSummary(folder, states, halving));
    if (options.on === 'local') requireFinished(submitted, states);
  } finally {
    await lock.release();
  }
}

/** The trials of a sweep. If it chooses among arms, those of the next round are added when a round is decided. */
async function withNextRound(
  plan: SweepPlan,
  { folder, terminal }: SubmitOptions,
): Promise<{ states: SweepTrial[]; halving: HalvingProgress | undefined }> {
  const states = await trialStates(folder, plan);
  const halving = await halvingProgress(plan, states);
  if (plan.halving === undefined || halving === undefined) return { states, halving };
  if (halving.isDecided) await writeSurvivors(folder, plan.halving, halving.left, terminal);
  if (halving.next.length === 0) return { states, halving };
  plan.trials.push(...halving.next);
  await writeSweep(folder, plan);
  // They are trials of the sweep now.
  return { states: await trialStates(folder, plan), halving: { ...halving, next: [] } };
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
