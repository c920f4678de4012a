import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockOwnerState, parseLockOwner } from '@fixres/runs/read';
import type { SweepBackend } from '../sweep/backend-names.ts';
import { backends } from '../sweep/backends.ts';
import { readSweep, sweepFiles } from '../sweep/sweep-folder.ts';
import type { SweepPlan } from '../sweep/sweep-plan.ts';
import { sweepSummary } from '../sweep/sweep-text.ts';
import { sweepStates } from '../sweep/sweep-states.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Interrupts the trials of a sweep, and removes those that wait. Trials save their state. */
export async function sweepCancel(
  folder: string,
  { json = false }: { json?: boolean },
): Promise<void> {
  const terminal = new Terminal();
  const plan = await readSweep(folder);
  // Before its trials: it would start the next ones.
  await interruptOwner(sweepFiles.lock(folder));
  const { trials: before, halving } = await sweepStates(folder, plan);
  const isActive = new Set(before.filter((each) => each.isActive).map(({ trial }) => trial));
  const workers: string[] = [];
  for (const submission of plan.submissions) {
    if (submission.on === 'local') continue;
    const backend = backends[submission.on];
    if (submission.workers === undefined) {
      if (submission.trials.some((trial) => isActive.has(trial))) await backend.cancel(submission);
      continue;
    }
    // A worker can wait, or can have started no trial yet.
    const pending = await backend.pending(submission);
    if (pending.size > 0) await backend.cancel(submission);
    workers.push(...pending.keys());
  }
  // Those without a scheduler. A second signal, beside the scheduler's, would end a trial before it saves its state.
  for (const { trial, folder: run } of before)
    if (run !== null && isActive.has(trial) && backendOf(plan, trial) === 'local')
      await interruptOwner(join(run, 'lock'));
  const cancelled = [...isActive, ...workers];
  if (json) terminal.result(JSON.stringify({ folder, cancelled }));
  else
    terminal.result(
      cancelled.length === 0
        ? `No trial is running or queued. ${sweepSummary(folder, before, halving)}`
        : `Cancelled ${cancelled.join(', ')}. Trials that run save their state, which takes seconds.`,
    );
}

/** Where a trial was submitted to last. */
function backendOf({ submissions }: SweepPlan, trial: string): SweepBackend {
  const last = submissions.findLast(
    ({ trials, workers }) => workers !== undefined || trials.includes(trial),
  );
  return last?.on ?? 'local';
}

/** Interrupts the process of this machine that a lock names, like Ctrl-C. */
async function interruptOwner(lock: string): Promise<void> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  const owner = ownerOf(text);
  if (owner === undefined || lockOwnerState(owner) !== 'living') return;
  try {
    process.kill(owner.pid, 'SIGINT');
  } catch (error) {
    // It has just ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ownerOf(text: string): ReturnType<typeof parseLockOwner> {
  try {
    return parseLockOwner(JSON.parse(text));
  } catch {
    return undefined;
  }
}
