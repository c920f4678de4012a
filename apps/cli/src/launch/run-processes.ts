import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ignoreSignal, onInterrupt } from '../command-line/interrupt-signals.ts';

/** How a process ended. */
export interface ProcessEnd {
  rank: number;
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunProcessesOptions {
  /** The program of each process with its arguments, and its environment variables, by rank. */
  processes: readonly {
    command: readonly string[];
    env: Readonly<Record<string, string | undefined>>;
  }[];
  /** Milliseconds that the first process has to end after another one has failed. */
  patience: number;
  /** Open files for what processes print on stdout, by rank; what others print there is not kept. */
  outputs: ReadonlyMap<number, number>;
  /** Receives lines that other processes than the first print on stderr. */
  onLine: (rank: number, line: string) => void;
}

/**
 * Runs processes until all have ended. The first one has this program's output. If it ends, the
 * others must end too; if another one fails, the first one notices by itself, saves nothing more
 * and ends with an error. Signals go to all: each in a group of its own, so that a terminal does not
 * send them twice.
 *
 * @returns how each ended, in this order
 */
export async function runProcesses({
  processes,
  patience,
  outputs,
  onLine,
}: RunProcessesOptions): Promise<ProcessEnd[]> {
  const children = processes.map(({ command, env }, rank) => {
    const [program, ...args] = command as [string, ...string[]];
    const child = spawn(program, args, {
      env,
      detached: true,
      stdio:
        rank === 0
          ? ['ignore', 'inherit', 'inherit']
          : ['ignore', outputs.get(rank) ?? 'ignore', 'pipe'],
    });
    if (child.stderr)
      createInterface(child.stderr).on('line', (line) => {
        onLine(rank, line);
      });
    return child;
  });
  const kill = (signal: NodeJS.Signals, chosen: readonly ChildProcess[] = children): void => {
    for (const child of chosen) child.kill(signal);
  };
  const endAll = (): void => kill('SIGKILL');
  process.once('exit', endAll);
  const stopListening = onInterrupt((signal) => kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  process.on('SIGXFSZ', ignoreSignal);
  const ends: ProcessEnd[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.all(
      children.map(async (child, rank) => {
        const end = await ended(child, rank);
        ends.push(end);
        if (rank === 0 && end.code !== 0) kill('SIGKILL');
        else if (end.code !== 0 || rank === 0) timer ??= setTimeout(endAll, patience);
      }),
    );
  } finally {
    clearTimeout(timer);
    stopListening();
    process.off('SIGXFSZ', ignoreSignal);
    process.off('exit', endAll);
  }
  return ends;
}

function ended(child: ChildProcess, rank: number): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ rank, code, signal }));
  });
}
