import { spawn } from 'node:child_process';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';

/** Milliseconds after which a program of a scheduler is given up. */
const PATIENCE = 60_000;

/**
 * Runs a program of a scheduler, and returns what it prints.
 *
 * @throws ExitError in one line if it is not installed, fails, or does not end within a minute
 */
export async function callProgram(
  program: string,
  args: readonly string[],
  { input = '' }: { input?: string } = {},
): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // Not by an option of spawn: its timer goes on if the program does not exist, and with it this process.
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that ends early does not read its input; its exit code counts.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          failed(
            error.code === 'ENOENT'
              ? `${program} is not installed, or not on the search path.`
              : `${program} cannot be started: ${error.message}`,
          ),
        );
      });
      child.once('close', (...end) => {
        resolve(end);
      });
    },
  ).finally(() => {
    clearTimeout(timer);
  });
  if (code === 0) return stdout;
  const reason = stderr.trim().replaceAll(/\s*\n\s*/g, ' ') || `exit code ${code}`;
  throw failed(
    `${program} failed: ${signal === null ? reason : `it did not end within ${PATIENCE / 1000} seconds`}`,
  );
}

function failed(message: string): ExitError {
  return new ExitError(exitCodes.failed, `error: ${message}`);
}
