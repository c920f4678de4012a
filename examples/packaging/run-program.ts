import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

export interface ProgramOptions {
  cwd: string;
  /** In addition to the environment of this process. */
  env?: Readonly<Record<string, string>>;
  /** The Node at the front of the search path. Default: this one. */
  node?: string;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/**
 * Runs a program as from a user's shell, without the environment variables of vitest and pnpm.
 * pnpm's `NODE_PATH` in particular would let a package find undeclared dependencies.
 *
 * @throws Error with the output of the program, also as `stdout` and `stderr`, if its exit code is
 * not 0
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
