import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '../command-line/exit-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jobsOf } from './backend.ts';
import { runTrial, threadsOf } from './run-trial.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { EpochHalving, Submission } from './sweep-plan.ts';
import { workOnRungs } from './work-on-rungs.ts';

/** Milliseconds. */
const LOOK_EVERY = 500;

interface RunWorkersOptions {
  submission: Submission;
  /** Of the sweep, absolute. */
  folder: string;
  trials: readonly string[];
  halving: EpochHalving;
  terminal: Terminal;
  /** Interrupts all trials, which save their state. */
  signal: AbortSignal;
}

/**
 * Runs the workers of halving over epochs on this machine. A trial that fails does not end the others.
 *
 * @throws the signal's reason when aborted, after all processes have ended
 */
export async function runWorkers({
  submission,
  folder,
  signal,
  ...options
}: RunWorkersOptions): Promise<void> {
  const { job } = submission;
  const workers = jobsOf(submission);
  await mkdir(sweepFiles.logs(folder), { recursive: true });
  const train = async (trial: string, epochs: number): Promise<string | undefined> => {
    const log = join(sweepFiles.logs(folder), `${trial}.log`);
    const code = await runTrial({
      command: [
        ...job.program,
        ...['sweep', 'trial', folder, trial, '--until-epoch', String(epochs)],
      ],
      log,
      threads: threadsOf(job.cpus, workers.length),
      signal,
    });
    return code === exitCodes.done ? undefined : `its output is in ${log}`;
  };
  const ends = await Promise.allSettled(
    workers.map((worker) =>
      workOnRungs({ ...options, folder, signal, worker, train, lookEvery: LOOK_EVERY }),
    ),
  );
  signal.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
