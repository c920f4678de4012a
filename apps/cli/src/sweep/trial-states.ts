import type { LockOwnerState } from '@fixres/runs/read';
import { type TrialState, trialState } from '@fixres/runs/node';
import type { JobState } from './backend.ts';
import { pendingJobs, type TrialStatesOptions } from './pending-jobs.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { SweepPlan } from './sweep-plan.ts';

/** A trial of a sweep. */
export interface SweepTrial {
  trial: string;
  /**
   * `queued`: the scheduler will run it, or run it again. With halving over epochs: `paused` at a rung, `diverged`
   * before it; when all is decided, `stopped` at it or `survivor`.
   */
  state: TrialState['state'] | 'queued' | 'paused' | 'diverged' | 'stopped' | 'survivor';
  /** Whether a process or a scheduler has it, so that it must not be submitted. */
  isActive: boolean;
  /** The run folder of the attempt that counts. */
  folder: string | null;
  attempts: number;
  problem: string | null;
  /**
   * With halving over epochs: those that it was started for last, and its accuracies after those of each rung so
   * far, null where it diverged. Null before it is started.
   */
  rung?: { epochs: number; accuracies: (number | null)[] } | null;
}

/**
 * The states of all trials: from their run folders, so they are the same for every backend.
 * Schedulers are asked which of the unfinished trials they still have.
 */
export async function trialStates(
  folder: string,
  plan: SweepPlan,
  options: TrialStatesOptions = {},
): Promise<SweepTrial[]> {
  const written = new Map<string, TrialState>();
  // One at a time: a sweep can have thousands of trials, and the number of open files is limited.
  for (const trial of plan.trials)
    written.set(trial, await trialState(sweepFiles.trial(folder, trial)));
  const jobs = new Map<string, JobState>();
  const unknown = new Set<string>();
  for (const submission of plan.submissions) {
    const left = submission.trials.filter((trial) => written.get(trial)?.state !== 'finished');
    if (left.length === 0) continue;
    const pending = await pendingJobs(submission, options);
    for (const [trial, state] of pending ?? []) jobs.set(trial, state);
    if (pending === undefined) for (const trial of left) unknown.add(trial);
  }
  return plan.trials.map((trial) => {
    const { writer, ...found } = written.get(trial)!;
    const on = plan.submissions.findLast(({ trials }) => trials.includes(trial))?.on ?? 'local';
    const job = jobs.get(trial);
    return {
      trial,
      ...found,
      ...activity(found.state, { job, writer, isAsked: on !== 'local' && !unknown.has(trial) }),
    };
  });
}

/**
 * A run that a process of another machine writes looks alive for a while after that machine is
 * lost; the scheduler knows better.
 */
function activity(
  state: TrialState['state'],
  { job, writer, isAsked }: { job: JobState | undefined; writer: LockOwnerState; isAsked: boolean },
): Pick<SweepTrial, 'state' | 'isActive'> {
  if (state === 'finished') return { state, isActive: false };
  if (writer === 'living') return { state, isActive: true };
  const isWriting = state === 'running' || state === 'silent';
  if (job !== undefined) return { state: isWriting ? state : 'queued', isActive: true };
  if (isAsked) return { state: isWriting ? 'crashed' : state, isActive: false };
  return { state, isActive: state === 'running' };
}
