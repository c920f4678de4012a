import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';

interface RunTrialOptions {
  /** Program and arguments. */
  command: readonly string[];
  /** File that its output is appended to. */
  log: string;
  /** Of TensorFlow. */
  threads: number;
  /** Interrupts it, so that it saves its state. */
  signal: AbortSignal;
}

/** The threads of each of several trials on this machine. */
export function threadsOf(cpus: number | undefined, atOnce: number): number {
  return cpus ?? Math.max(1, Math.floor(availableParallelism() / atOnce));
}

/**
 * Runs a trial in a process of this machine.
 *
 * @returns its exit code; null if a signal ended it
 */
export async function runTrial({
  command,
  log,
  threads,
  signal,
}: RunTrialOptions): Promise<number | null> {
  const [program, ...args] = command;
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
