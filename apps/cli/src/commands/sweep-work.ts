import { resolve } from 'node:path';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { jobsOf, submissionOf } from '../sweep/backend.ts';
import { jobOfIndex } from '../sweep/job-of-index.ts';
import { requeuedWhenWarned } from '../sweep/requeued-when-warned.ts';
import { sweepStates } from '../sweep/sweep-states.ts';
import { readSweep } from '../sweep/sweep-folder.ts';
import { sweepSummary } from '../sweep/sweep-text.ts';
import { trainTrial } from '../sweep/train-trial.ts';
import { workOnRungs } from '../sweep/work-on-rungs.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Milliseconds: many workers look at files on shared storage. */
const LOOK_EVERY = 10_000;

/**
 * Runs the jobs of halving over epochs as one of its workers. Trials run in this process, which receives the
 * signals of the scheduler.
 */
export async function sweepWork(
  sweep: string,
  names: readonly string[],
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
): Promise<void> {
  const terminal = new Terminal({ quiet });
  const folder = resolve(sweep);
  const plan = await readSweep(folder);
  const { trials, halving, submissions } = plan;
  const worker = jobOfIndex(names, 'workers');
  const submission = submissions.find(({ name }) => name === submissionOf(worker));
  if (halving?.over !== 'epochs' || !submission || !jobsOf(submission).includes(worker))
    throw new ExitError(
      exitCodes.usage,
      `error: Worker "${worker}" does not exist; "fixres sweep start" names the workers of a sweep with --halving epochs.`,
    );
  const train = async (trial: string, untilEpoch: number): Promise<string | undefined> => {
    try {
      await trainTrial({ folder, trial, untilEpoch, form: 'text', quiet, terminal });
      return undefined;
    } catch (error) {
      const isInterrupted =
        error instanceof ExitError &&
        (error.exitCode === exitCodes.interrupted || error.exitCode === exitCodes.preempted);
      if (isInterrupted || !(error instanceof Error)) throw error;
      return error.message.replace(/^error: /, '');
    }
  };
  await requeuedWhenWarned(() =>
    interruptible(
      (signal) =>
        workOnRungs({
          ...{ folder, trials, halving, worker, terminal, train, signal },
          lookEvery: LOOK_EVERY,
        }),
      () => 'Interrupted.',
    ),
  );
  const states = await sweepStates(folder, plan, { onUnreachable: () => undefined });
  terminal.result(
    json
      ? JSON.stringify({ folder, worker, ...states })
      : sweepSummary(folder, states.trials, states.halving),
  );
}
