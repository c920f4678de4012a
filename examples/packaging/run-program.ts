import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

export interface ProgramOptions {
  cwd: string;
  /** Beside those of this process. */
  env?: Readonly<Record<string, string>>;
  /** The Node that programs find first on the path. Default: this one. */
  node?: string;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/**
 * Runs a program as a user's shell would: without what vitest and pnpm put into the environment. pnpm's `NODE_PATH` above all would let a
 * package find what it does not declare.
 *
 * @throws Error with all that the program printed, as `stdout` and `stderr` too, when its exit code is not 0
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {}, node = process.execPath }: ProgramOptions,
): Promise<Output> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(NODE_PATH|NODE_OPTIONS|NODE_ENV|TEST|VITEST.*|npm_(package|lifecycle)_.*)$/.test(name),
  );
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else {
        const message = `${[program, ...args].join(' ')} ended with ${signal ?? `code ${code ?? '?'}`} in ${cwd}\n${output.stdout}\n${output.stderr}`;
        reject(Object.assign(new Error(message), output));
      }
    });
  });
}
