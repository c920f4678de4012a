import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../command-line/exit-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { trialCommand } from './backend.ts';
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
export async function runLocally(options: RunLocallyOptions): Promise<void> {
  const { submission, folder, terminal, signal } = options;
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
        const code = await runTrial(trial, {
          ...options,
          log,
          threads: threadsOf(job.cpus, atOnce),
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

function threadsOf(cpus: number | undefined, atOnce: number): number {
  return cpus ?? Math.max(1, Math.floor(availableParallelism() / atOnce));
}

/** @returns its exit code; null if a signal ended it */
async function runTrial(
  trial: string,
  {
    submission: { job },
    folder,
    signal,
    log,
    threads,
  }: RunLocallyOptions & { log: string; threads: number },
): Promise<number | null> {
  const [program, ...args] = trialCommand({ job, trials: [trial] }, folder);
  const output = openSync(log, 'a');
  const child = spawn(program!, args, {
    stdio: ['ignore', output, output],
    env: { TF_NUM_INTRAOP_THREADS: String(threads), ...process.env },
    // Ctrl-C reaches all processes of a terminal's group; a second signal would end a trial before
    // its state is saved.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  closeSync(output);
  const interrupt = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
