import { setTimeout as sleep } from 'node:timers/promises';
import type { RungEntry, RungJob, RungTrial } from '@fixres/runs';
import { trialState } from '@fixres/runs/node';
import { counted, percent } from '@fixres/runs/report';
import type { Terminal } from '../terminal/terminal.ts';
import { submissionOf } from './backend.ts';
import { RungJournal } from './rung-journal.ts';
import { rungValue } from './rung-value.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { EpochHalving } from './sweep-plan.ts';

/**
 * Milliseconds for which a worker waits for trials of others that write no run, as while they check the images.
 */
const PATIENCE = 10 * 60_000;

interface RungWorkOptions {
  /** Of the sweep, absolute. */
  folder: string;
  /** Names, in the order in which they start. */
  trials: readonly string[];
  halving: EpochHalving;
  worker: string;
  terminal: Terminal;
  /**
   * Trains a trial up to a number of epochs, from its saved state if there is one.
   *
   * @returns why that did not succeed
   */
  train: (trial: string, epochs: number) => Promise<string | undefined>;
  /** Milliseconds between looks at what other workers have found. */
  lookEvery: number;
  signal: AbortSignal;
}

/**
 * Runs the jobs of halving over epochs, one after another, until there is none for this worker.
 *
 * A job that this worker has started before, and was interrupted in, comes first. Then come those that workers
 * of earlier submissions have left without a result. A worker for which there is no job ends: with asynchronous
 * promotion, one result gives at most one job, which the worker that brings it takes. With synchronous promotion
 * it waits for the others.
 *
 * @throws the signal's reason when aborted; the job is then left to be resumed
 */
export async function workOnRungs(options: RungWorkOptions): Promise<void> {
  const { folder, trials, halving, worker, lookEvery, signal } = options;
  const journal = await RungJournal.open(folder, trials, halving);
  let idleSince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const job = await startJob(journal, options);
    if (job !== undefined) {
      await runJob(journal, job, options);
      idleSince = undefined;
      continue;
    }
    if (halving.promotion === 'asynchronous') return;
    idleSince ??= performance.now();
    if (!(await isAwaited(journal, { folder, worker, since: idleSince }))) return;
    await sleep(lookEvery, undefined, { signal });
  }
}

/** The next job of a worker, which is recorded as started. */
async function startJob(
  journal: RungJournal,
  { folder, worker, terminal, halving: { rungs } }: RungWorkOptions,
): Promise<RungJob | undefined> {
  await journal.catchUp();
  const own = journal.halving.trials.find(
    (trial) => trial.state === 'started' && trial.worker === worker,
  );
  if (own !== undefined) return { trial: own.name, rung: own.rung };
  const abandoned = await abandonedTrials(journal.halving.trials, { folder, worker });
  const entry = await journal.append((halving) => {
    const left = halving.trials.find(
      (trial) => abandoned.has(trial.name) && isLeftBefore(trial, worker),
    );
    const job = left ? { trial: left.name, rung: left.rung } : halving.next();
    return job && { ...job, type: 'start', worker };
  });
  if (entry !== undefined && entry.rung > 0)
    terminal.line(`${entry.trial}: trains on, to ${counted(rungs[entry.rung]!, 'epoch')}`);
  return entry;
}

/** Whether a trial has no result, and another submission started it. */
function isLeftBefore({ state, worker: other }: RungTrial, worker: string): boolean {
  return (
    (state === 'started' || state === 'failed') && submissionOf(other!) !== submissionOf(worker)
  );
}

/** Trials that earlier submissions have left, and that no process of this machine is running. */
async function abandonedTrials(
  trials: readonly RungTrial[],
  { folder, worker }: Pick<RungWorkOptions, 'folder' | 'worker'>,
): Promise<ReadonlySet<string>> {
  const abandoned = new Set<string>();
  for (const trial of trials) {
    if (!isLeftBefore(trial, worker)) continue;
    const { writer } = await trialState(sweepFiles.trial(folder, trial.name));
    if (writer !== 'living') abandoned.add(trial.name);
  }
  return abandoned;
}

async function runJob(
  journal: RungJournal,
  { trial, rung }: RungJob,
  { folder, worker, terminal, train, signal, halving: { rungs } }: RungWorkOptions,
): Promise<void> {
  const epochs = rungs[rung]!;
  const problem = await train(trial, epochs);
  const { folder: run } = await trialState(sweepFiles.trial(folder, trial));
  const value = run === null ? undefined : await rungValue(run, epochs);
  if (value === undefined) signal.throwIfAborted();
  const result: RungEntry = {
    ...{ trial, rung, worker },
    ...(value === undefined
      ? { type: 'failed', problem: problem ?? `it has no result after epoch ${epochs}` }
      : { type: 'end', value }),
  };
  // Another worker can have taken it over.
  const recorded = await journal.append(({ trials }) => {
    const now = trials.find(({ name }) => name === trial)!;
    return now.state === 'started' && now.worker === worker && now.rung === rung
      ? result
      : undefined;
  });
  const where = `${counted(epochs, 'epoch')} (rung ${rung + 1} of ${rungs.length})`;
  if (recorded?.type === 'failed')
    terminal.warn(`Trial ${trial} failed before ${where}: ${recorded.problem}`);
  else if (recorded?.type === 'end')
    terminal.line(
      `${trial}: ${recorded.value === null ? 'diverged before' : `${percent(recorded.value)} after`} ${where}`,
    );
}

/** Whether another worker of the same submission is likely to bring a result. */
async function isAwaited(
  { halving: { trials } }: RungJournal,
  { folder, worker, since }: Pick<RungWorkOptions, 'folder' | 'worker'> & { since: number },
): Promise<boolean> {
  for (const trial of trials) {
    if (trial.state !== 'started' || submissionOf(trial.worker!) !== submissionOf(worker)) continue;
    if (performance.now() - since < PATIENCE) return true;
    const { state } = await trialState(sweepFiles.trial(folder, trial.name));
    if (state === 'running') return true;
  }
  return false;
}
