import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished, vi } from 'vitest';
import type { CliResult } from './cli-result.ts';
import { runWarm } from './warm-process.ts';

export type { CliResult };

/** The built command line. */
export const bin: string = fileURLToPath(new URL('../bin/fixres.js', import.meta.url));

/** Sends a signal to the running command line. */
export type Kill = (signal: NodeJS.Signals) => void;

export interface RunCliOptions {
  /** Beside the environment of the tests; undefined takes something out of it. */
  env?: Record<string, string | undefined> | undefined;
  cwd?: string;
  /** What it reads on stdin. */
  stdin?: string;
  /** No file may become larger, as on a disk that is nearly full. */
  largestFileKb?: number;
  onStart?: (kill: Kill) => void;
  /** Called with all of stderr so far, each time more arrives; may send signals. */
  onStderr?: (stderr: string, kill: Kill) => void;
  /** The same of stdout. */
  onStdout?: (stdout: string, kill: Kill) => void;
  /** It shall have a process of its own, also where it needs none: where how it begins or ends is the subject, or what it computes with. */
  ownProcess?: boolean;
}

/**
 * Runs the built command line: in a process of its own where signals, stdin, a terminal, limits or an engine are the subject, which the
 * options tell; all else in one that the commands of a test file share ({@link runWarm}).
 *
 * @throws Error when a signal has ended it that is not the test's own SIGKILL: it has crashed
 */
export async function runCli(
  args: readonly string[],
  options: RunCliOptions = {},
): Promise<CliResult> {
  const { env: ownEnv = {}, cwd, stdin, largestFileKb, onStart, onStderr, onStdout } = options;
  const env = { ...process.env, FORCE_COLOR: '0', ...ownEnv };
  if (needsNoProcess(args, options, env)) {
    const result = await runWarm({ words: args, cwd: cwd ?? process.cwd(), env });
    if (result !== null) return result;
  }
  const command = [process.execPath, bin, ...args];
  const [program, ...rest] =
    largestFileKb === undefined
      ? command
      : ['bash', '-c', `ulimit -f ${largestFileKb}; exec "$@"`, 'bash', ...command];
  const child = spawn(program!, rest, { cwd, env });
  const sent = new Set<NodeJS.Signals>();
  const kill: Kill = (signal) => {
    sent.add(signal);
    child.kill(signal);
  };
  if (stdin !== undefined) child.stdin.end(stdin);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    onStdout?.(stdout, kill);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr, kill);
  });
  onStart?.(kill);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...end) => resolve(end));
    },
  );
  if (signal !== null && !(signal === 'SIGKILL' && sent.has(signal)))
    throw new Error(
      `fixres ${args.join(' ')} was ended by ${signal}. It had said:\n${stdout}${stderr}`,
    );
  return { code, stdout, stderr };
}

/** What trains: deterministic or not, on many threads or one, of which the native engine hears when it is loaded, and not again. */
const trains = new Set(['reproduce', 'train', 'finetune', 'run', 'resume']);

/** What is about the machine or the process itself. */
const ownsProcess = new Set(['setup', 'doctor', 'dashboard']);

/** Whether it may run in the process that others have run in. */
function needsNoProcess(
  args: readonly string[],
  { stdin, largestFileKb, onStart, onStderr, onStdout, ownProcess = false }: RunCliOptions,
  env: NodeJS.ProcessEnv,
): boolean {
  const isWatched = [stdin, largestFileKb, onStart, onStderr, onStdout].some(
    (each) => each !== undefined,
  );
  const command = args[0];
  if (ownProcess || isWatched || command === undefined || ownsProcess.has(command)) return false;
  // What Node itself is told holds for the process.
  if (env.NODE_OPTIONS !== process.env.NODE_OPTIONS || args.includes('--device')) return false;
  const named = args.includes('--engine') ? args[args.indexOf('--engine') + 1] : env.FIXRES_ENGINE;
  return named === 'wasm' || (!trains.has(command) && !args.includes('--engine'));
}

/** The engine is the fastest there is, with as many threads as it takes: as where nothing is said, not as vitest.config.ts has it. For a whole file. */
export function onFastestEngine(): void {
  vi.stubEnv('FIXRES_ENGINE', undefined);
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
}

/** A new empty folder that is gone after all tests of the file; for `beforeAll`. */
export async function suiteFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A new empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
