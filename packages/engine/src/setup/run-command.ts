import { spawn } from 'node:child_process';

/** Options of {@link runCommand}. */
export interface RunCommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** The outcome of a command. */
export interface CommandResult {
  /** The exit code; null if it was killed or could not start. */
  readonly code: number | null;
  /** The last 64 KiB of standard output and error combined. */
  readonly output: string;
}

const keptOutput = 65_536;

/**
 * Runs a program to completion without a shell. If the program fails or does not exist, that is a
 * result, not an error.
 *
 * @throws The signal's reason on abort; the program has ended by then.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, signal }: RunCommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  // A separate process group: compiler drivers and pip start children, which must not outlive it.
  const ownGroup = process.platform !== 'win32';
  const result = await new Promise<CommandResult>((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: ownGroup,
    });
    const stop = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(ownGroup ? -child.pid : child.pid, 'SIGKILL');
      } catch {
        // It has already ended.
      }
    };
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-keptOutput);
    };
    const finish = (code: number | null): void => {
      signal?.removeEventListener('abort', stop);
      process.removeListener('exit', stop);
      resolve({ code, output });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      output += error.message;
      finish(null);
    });
    child.on('close', finish);
    signal?.addEventListener('abort', stop, { once: true });
    process.once('exit', stop);
  });
  signal?.throwIfAborted();
  return result;
}

/**
 * The error that ended a Node.js program, from its output: Node.js prints the stack and its version
 * below it. Otherwise the last line.
 */
export function errorLine(output: string): string {
  return (
    output
      .match(/^\w*Error(?: \[\w+\])?: .*/gm)
      ?.at(-1)
      ?.trim() ?? lastLine(output)
  );
}

/** The last non-empty line of a program's output. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
