import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { shortProcessOptions } from './short-process-options.ts';

/** Messages of the process: that it is ready, the output of a command, and its exit code. */
type Message = { ready: true } | { stdout: string } | { stderr: string } | { code: number };

export interface Command {
  /** URL of a built module that exports `runProgram(words)`, which sets the exit code. */
  program: string;
  words: readonly string[];
  cwd: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  /** Called with all output so far whenever more arrives; may send signals. */
  onOutput?: ((output: { stdout: string; stderr: string }, kill: SendSignal) => void) | undefined;
}

/** Sends a signal to the process of a command. */
type SendSignal = (signal: NodeJS.Signals) => void;

/** The output of a command and its exit code. */
export interface CommandResult {
  /** Null if a signal of `onOutput` ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The processes by kind, and those that are busy. They are shared by the test files of a worker,
 * which evaluates this module once for each file, and end with it.
 */
const { started, busy } = ((globalThis as { fixresProcesses?: Processes }).fixresProcesses ??= {
  started: new Map(),
  busy: new Set(),
});
interface Processes {
  started: Map<string, Promise<ChildProcess>>;
  busy: Set<string>;
}

/**
 * Runs a command line in a process shared by test files, from the built modules: loading them takes
 * longer than most tiny commands. Folder, environment and exit code are set for each command. It
 * ends when nothing keeps the process alive any more, as a command in a process of its own does.
 *
 * @returns null if the process is busy
 * @throws Error if the process ends instead: by a signal, `process.exit` or an uncaught error
 */
export async function runWarm({
  program,
  words,
  cwd,
  env,
  onOutput,
}: Command): Promise<CommandResult | null> {
  const kind = kindOf(words, env);
  if (busy.has(kind)) return null;
  busy.add(kind);
  try {
    if (!started.has(kind)) started.set(kind, start(program));
    const child = await started.get(kind)!;
    let [stdout, stderr] = ['', ''];
    const sent = new Set<NodeJS.Signals>();
    const kill: SendSignal = (signal) => {
      sent.add(signal);
      child.kill(signal);
    };
    const code = await new Promise<number | null>((resolve, reject) => {
      const stop = (): void => {
        child.off('message', receive).off('exit', fail);
      };
      const receive = (message: Message): void => {
        if ('code' in message) {
          stop();
          resolve(message.code);
          return;
        }
        if ('stdout' in message) stdout += message.stdout;
        if ('stderr' in message) stderr += message.stderr;
        onOutput?.({ stdout, stderr }, kill);
      };
      const fail = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        stop();
        started.delete(kind);
        if (signal !== null && sent.has(signal)) {
          resolve(null);
          return;
        }
        reject(
          new Error(
            `${words.join(' ')} ended the process (${signal ?? exitCode}). Its output:\n${stdout}${stderr}`,
          ),
        );
      };
      child.on('message', receive).on('exit', fail);
      child.send({ words, cwd, env });
    });
    return { code, stdout, stderr };
  } finally {
    busy.delete(kind);
  }
}

/**
 * Commands of the same kind can share a process. The native engine fixes its number of threads, and
 * whether its results are reproducible, when it is loaded.
 */
function kindOf(words: readonly string[], env: NodeJS.ProcessEnv): string {
  const engine = env.FIXRES_ENGINE ?? 'auto';
  if (engine === 'wasm') return engine;
  const isDeterministic = words.includes('--deterministic');
  return [engine, env.TF_NUM_INTRAOP_THREADS, isDeterministic].join();
}

async function start(program: string): Promise<ChildProcess> {
  const child = fork(
    fileURLToPath(new URL('../dist/command-server.js', import.meta.url)),
    [program],
    // Without the options with which vitest reads sources.
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: shortProcessOptions },
  );
  await new Promise((resolve, reject) => {
    child.once('message', resolve).once('error', reject).once('exit', reject);
  });
  return child;
}
