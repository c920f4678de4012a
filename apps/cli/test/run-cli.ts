import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWarm, shortProcessOptions } from '@fixres/testing';
import { afterAll, onTestFinished, vi } from 'vitest';
import type { CliResult } from './cli-result.ts';
import { commandEnv } from './command-env.ts';

export type { CliResult };

/** The built command line. */
const bin = fileURLToPath(new URL('../bin/fixres.js', import.meta.url));

/** Runs a command line in the process that loads it. */
const program = new URL('../dist/bundle/run-program.js', import.meta.url).href;

/** How tests start the built command line: the program and its first arguments. */
export const fixres: readonly string[] = [process.execPath, ...shortProcessOptions, bin];

/** Sends a signal to the running command line. */
export type Kill = (signal: NodeJS.Signals) => void;

export interface RunCliOptions {
  /** In addition to the environment of the tests; undefined removes a variable. */
  env?: Record<string, string | undefined> | undefined;
  cwd?: string;
  /** Its standard input. */
  stdin?: string;
  /** Limit for the size of files, to simulate a nearly full disk. */
  largestFileKb?: number;
  onStart?: (kill: Kill) => void;
  /** Called with all of stderr so far whenever more arrives; may send signals. */
  onStderr?: (stderr: string, kill: Kill) => void;
  /** The same for stdout. */
  onStdout?: (stdout: string, kill: Kill) => void;
  /**
   * Run in a separate process even if nothing else requires it: for tests of how it starts or ends,
   * or of its engine, and for commands that are killed, which would end the shared process.
   */
  ownProcess?: boolean;
}

/**
 * Runs the built command line. Stdin, limits, signals at a moment, or an engine, as recognised from
 * the options, need a separate process; all other commands share one ({@link
 * runWarm}), also those that a signal interrupts after some output.
 *
 * @throws Error if a signal other than the test's own SIGKILL ended it: it crashed
 */
export async function runCli(
  args: readonly string[],
  options: RunCliOptions = {},
): Promise<CliResult> {
  const { env: ownEnv = {}, cwd, stdin, largestFileKb, onStart, onStderr, onStdout } = options;
  const env = commandEnv({ FORCE_COLOR: '0', ...ownEnv });
  if (needsNoProcess(args, options, env)) {
    const result = await runWarm({
      program,
      words: args,
      cwd: cwd ?? process.cwd(),
      env,
      onOutput: ({ stdout, stderr }, kill) => {
        onStdout?.(stdout, kill);
        onStderr?.(stderr, kill);
      },
    });
    if (result !== null) return result;
  }
  const command = [...fixres, ...args];
  const [executable, ...rest] =
    largestFileKb === undefined
      ? command
      : ['bash', '-c', `ulimit -f ${largestFileKb}; exec "$@"`, 'bash', ...command];
  const child = spawn(executable!, rest, { cwd, env });
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
      `fixres ${args.join(' ')} was ended by ${signal}. Its output:\n${stdout}${stderr}`,
    );
  return { code, stdout, stderr };
}

/**
 * Commands whose file or run says whether they are deterministic, which is fixed when the native
 * engine is loaded.
 */
const readsDeterminism = new Set(['run', 'resume']);

/** Commands about the machine or the process itself. */
const ownsProcess = new Set(['setup', 'doctor', 'dashboard']);

/** Whether it can run in a shared process. */
function needsNoProcess(
  args: readonly string[],
  { stdin, largestFileKb, onStart, ownProcess = false }: RunCliOptions,
  env: NodeJS.ProcessEnv,
): boolean {
  const isSetUp = [stdin, largestFileKb, onStart].some((each) => each !== undefined);
  const command = args[0];
  if (ownProcess || isSetUp || command === undefined || ownsProcess.has(command)) return false;
  // Options of Node itself apply to the whole process.
  if (env.NODE_OPTIONS !== process.env.NODE_OPTIONS || args.includes('--device')) return false;
  const named = args.includes('--engine') ? args[args.indexOf('--engine') + 1] : env.FIXRES_ENGINE;
  return named === 'wasm' || !(readsDeterminism.has(command) || args.includes('--engine'));
}

/**
 * Uses the fastest engine with any number of threads, as by default, instead of the settings in
 * vitest.config.ts. For a whole file.
 */
export function onFastestEngine(): void {
  // Test files share a process.
  afterAll(() => void vi.unstubAllEnvs());
  vi.stubEnv('FIXRES_ENGINE', undefined);
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
}

/** Creates an empty folder that is removed after all tests of the file; for `beforeAll`. */
export async function suiteFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates an empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
