import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '../command-line/exit-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jobCommand } from './backend.ts';
import { runTrial, threadsOf } from './run-trial.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { Submission } from './sweep-plan.ts';

interface RunLocallyOptions {
  submission: Submission;
  /** Of the sweep, absolute. */
  folder: string;
  terminal: Terminal;
  /** Interrupts all trials, which save their state. */
  signal: AbortSignal;
}

/**
 * Runs trials on this machine, a number of processes at a time. A trial that fails does not end the
 * others.
 *
 * @throws the signal's reason when aborted, after all processes have ended
 */
export async function runLocally({
  submission,
  folder,
  terminal,
  signal,
}: RunLocallyOptions): Promise<void> {
  const { trials, job } = submission;
  const atOnce = Math.min(job.maxParallel ?? 1, trials.length);
  await mkdir(sweepFiles.logs(folder), { recursive: true });
  const queue = trials.values();
  let ended = 0;
  const isInterrupted = (): boolean => signal.aborted;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const trial of queue) {
        if (isInterrupted()) return;
        const log = join(sweepFiles.logs(folder), `${trial}.log`);
        const code = await runTrial({
          command: jobCommand(submission, folder, [trial]),
          log,
          threads: threadsOf(job.cpus, atOnce),
          signal,
        });
        ended += 1;
        const progress = `(${ended} of ${trials.length})`;
        if (code === exitCodes.done) terminal.line(`${trial}: finished ${progress}`);
        else if (isInterrupted()) terminal.line(`${trial}: interrupted`);
        else terminal.warn(`Trial ${trial} failed ${progress}; its output is in ${log}`);
      }
    }),
  );
  signal.throwIfAborted();
}
