import type { RungTrial } from '@fixres/runs';
import { type TrialState, trialState } from '@fixres/runs/node';
import type { JobState } from './backend.ts';
import type { EpochProgress } from './halving-progress.ts';
import { pendingJobs, type TrialStatesOptions } from './pending-jobs.ts';
import { RungJournal } from './rung-journal.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { EpochHalving, SweepPlan } from './sweep-plan.ts';
import type { SweepTrial } from './trial-states.ts';

interface RungStates {
  trials: SweepTrial[];
  halving: EpochProgress;
  /** Workers that a scheduler still has. */
  workers: ReadonlyMap<string, JobState>;
}

/** The trials of a sweep that halves over epochs, from its record, their run folders, and its schedulers. */
export async function rungStates(
  folder: string,
  plan: SweepPlan,
  halving: EpochHalving,
  options: TrialStatesOptions = {},
): Promise<RungStates> {
  const { halving: race } = await RungJournal.open(folder, plan.trials, halving);
  const { isDecided, survivors } = race;
  const workers = isDecided ? new Map<string, JobState>() : await pendingWorkers(plan, options);
  const trials: SweepTrial[] = [];
  for (const trial of race.trials) {
    const { name, rung, values, problem } = trial;
    const found = await trialState(sweepFiles.trial(folder, name));
    const { folder: run, attempts } = found;
    trials.push({
      trial: name,
      ...stateOf(trial, found, { isDecided, survivors, job: workers.get(trial.worker ?? '') }),
      ...{ folder: run, attempts, problem },
      rung: rung === -1 ? null : { epochs: halving.rungs[rung]!, accuracies: [...values] },
    });
  }
  const progress: EpochProgress = {
    over: 'epochs',
    isDecided,
    left: survivors.map((name) => name.slice(0, name.lastIndexOf('@'))),
    baseline: halving.baseline,
    rungs: halving.rungs.map((epochs, rung) => ({
      epochs,
      arms: race.trials.filter(({ values }) => values.length > rung).length,
    })),
    on: plan.submissions.at(-1)?.on,
    workers: workers.size,
  };
  return { trials, halving: progress, workers };
}

/** The workers of all submissions that schedulers still have. */
async function pendingWorkers(
  { submissions }: SweepPlan,
  options: TrialStatesOptions,
): Promise<Map<string, JobState>> {
  const workers = new Map<string, JobState>();
  for (const submission of submissions)
    for (const [worker, state] of (await pendingJobs(submission, options)) ?? [])
      workers.set(worker, state);
  return workers;
}

function stateOf(
  { name, state, values }: RungTrial,
  found: TrialState,
  {
    isDecided,
    survivors,
    job,
  }: { isDecided: boolean; survivors: readonly string[]; job: JobState | undefined },
): Pick<SweepTrial, 'state' | 'isActive'> {
  if (state === 'ended') {
    const ended = survivors.includes(name) ? 'survivor' : 'stopped';
    return {
      state: values.at(-1) === null ? 'diverged' : isDecided ? ended : 'paused',
      isActive: false,
    };
  }
  if (state !== 'started') return { state, isActive: false };
  const isWriting = found.writer === 'living' || found.state === 'running';
  if (isWriting) return { state: 'running', isActive: true };
  if (job !== undefined) return { state: 'queued', isActive: true };
  return { state: found.state, isActive: false };
}
