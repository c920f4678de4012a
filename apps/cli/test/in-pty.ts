import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandEnv } from './command-env.ts';
import { fixres } from './run-cli.ts';

const script = fileURLToPath(new URL('in-pty.py', import.meta.url));

export interface PtyOptions {
  cwd: string;
  columns?: number;
  /**
   * Text to type when another text has appeared, one pair after another; null closes the terminal.
   */
  answers?: readonly (readonly [after: string, typed: string | null])[];
  env?: Record<string, string>;
}

/** Runs the built command line on a terminal, and returns its output there. */
export async function runInPty(
  args: readonly string[],
  { cwd, columns = 80, answers = [], env = {} }: PtyOptions,
): Promise<{ code: number; output: string }> {
  const command = [script, String(columns), JSON.stringify(answers), ...fixres, ...args];
  try {
    const { stdout } = await promisify(execFile)('python3', command, {
      cwd,
      env: commandEnv({ FORCE_COLOR: undefined, TERM: 'xterm-256color', ...env }),
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code?: number | string; stdout?: string };
    if (typeof code !== 'number' || stdout === undefined) throw error;
    return { code, output: stdout };
  }
}
