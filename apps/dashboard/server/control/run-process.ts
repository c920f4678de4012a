import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { openInside, readPart } from '../open-inside.ts';

/** Output of a run's process, in its folder. */
export const OUTPUT_FILE = 'output.log';
/** Prevents a link in the folder from redirecting the output. Windows has no such flag. */
const APPEND =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);
const TAIL = 16 << 10;

/** A process of a run. */
export interface RunProcess {
  /** Whether it is still running. */
  isAlive: () => boolean;
  /** The same as Ctrl-C in its terminal. */
  interrupt: () => void;
  /** Resolves when it has ended, with its exit code, or null after a signal. */
  ended: Promise<number | null>;
  /** Bytes of earlier processes in its output file. */
  outputFrom: number;
}

/**
 * Starts the command line for a run, independent of this process: it continues when this process
 * ends, and Ctrl-C here does not reach it.
 *
 * @param program the command line, and its first arguments
 * @param folder the run's existing folder; the output of the process is appended to its
 * `output.log`
 */
export async function startRunProcess(
  program: readonly string[],
  args: readonly string[],
  folder: string,
): Promise<RunProcess> {
  const output = await open(join(folder, OUTPUT_FILE), APPEND, 0o666);
  try {
    const { size: outputFrom } = await output.stat();
    const [command, ...first] = program;
    const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
    delete environment.FORCE_COLOR;
    const child = spawn(command!, [...first, ...args], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: environment,
      windowsHide: true,
    });
    child.unref();
    return { ...watched(child), outputFrom };
  } finally {
    // The process has its own handle by now.
    await output.close();
  }
}

function watched(child: ChildProcess): Omit<RunProcess, 'outputFrom'> {
  let alive = true;
  const ended = new Promise<number | null>((resolve) => {
    // A missing program has no exit event.
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  void ended.then(() => (alive = false));
  return { isAlive: () => alive, interrupt: () => void child.kill('SIGINT'), ended };
}

/**
 * The end of the output of a run's processes, in whole lines; undefined if there is no file.
 *
 * @param from number of bytes to skip at the start
 */
export async function readOutput(folder: string, from = 0): Promise<string | undefined> {
  const file = await openInside(folder, OUTPUT_FILE);
  if (!file) return undefined;
  try {
    const start = Math.max(from, file.info.size - TAIL);
    const text = (await readPart(file.handle, start, TAIL)).toString('utf8');
    return start > from ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await file.handle.close();
  }
}

/** The last output of a failed process: its error, or its last lines. */
export function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const error = lines.findLastIndex((line) => line.startsWith('error: '));
  const words = error === -1 ? lines.slice(-5) : lines.slice(error);
  return words
    .join('\n')
    .replace(/^error: /, '')
    .slice(0, 2000);
}
