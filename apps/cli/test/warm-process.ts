import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { shortProcessOptions } from '@fixres/testing';
import { afterAll } from 'vitest';
import type { CliResult } from './cli-result.ts';

/** Messages of the process: that it is ready, the output of a command, and its exit code. */
type Message = { ready: true } | { stdout: string } | { stderr: string } | { code: number };

export interface Command {
  words: readonly string[];
  cwd: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
}

/** The processes of this test file, by engine. */
const started = new Map<string, Promise<ChildProcess>>();
const busy = new Set<string>();

/**
 * Runs a command line in a process shared by a test file, from the built modules: loading them
 * takes longer than most tiny commands. Folder, environment and exit code are set for each command.
 *
 * @returns null if the process is busy
 * @throws Error if the process ends instead: by a signal, `process.exit` or an uncaught error
 */
export async function runWarm({ words, cwd, env }: Command): Promise<CliResult | null> {
  const engine = env.FIXRES_ENGINE ?? 'auto';
  if (busy.has(engine)) return null;
  busy.add(engine);
  try {
    if (!started.has(engine)) started.set(engine, start());
    const child = await started.get(engine)!;
    let [stdout, stderr] = ['', ''];
    const code = await new Promise<number>((resolve, reject) => {
      const stop = (): void => {
        child.off('message', receive).off('exit', fail);
      };
      const receive = (message: Message): void => {
        if ('stdout' in message) stdout += message.stdout;
        if ('stderr' in message) stderr += message.stderr;
        if (!('code' in message)) return;
        stop();
        resolve(message.code);
      };
      const fail = (exitCode: number | null, signal: string | null): void => {
        stop();
        started.delete(engine);
        reject(
          new Error(
            `fixres ${words.join(' ')} ended the process (${signal ?? exitCode}). Its output:\n${stdout}${stderr}`,
          ),
        );
      };
      child.on('message', receive).on('exit', fail);
      child.send({ words, cwd, env });
    });
    return { code, stdout, stderr };
  } finally {
    busy.delete(engine);
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(
    fileURLToPath(new URL('command-server.mjs', import.meta.url)),
    [new URL('../dist/command-line/run-program.js', import.meta.url).href],
    // Without the options with which vitest reads sources.
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: shortProcessOptions },
  );
  await new Promise((resolve, reject) => {
    child.once('message', resolve).once('error', reject).once('exit', reject);
  });
  return child;
}

afterAll(async () => {
  for (const each of started.values()) {
    const child = await each;
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
});
