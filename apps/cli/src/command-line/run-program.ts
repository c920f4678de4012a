import { CommanderError } from 'commander';
import { inCommandLineWords } from './command-line-words.ts';
import { ExitError, exitCodes } from './exit-error.ts';
import { expectedExitCode } from './expected-error.ts';
import { createProgram } from './program.ts';
import { proxyHint } from './proxy-hint.ts';

/**
 * Runs a command line. Errors are printed on stderr and set the exit code.
 *
 * @param words without the program's name
 */
export async function runProgram(words: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // Commander has already printed its message. Help and --version exit with code 0.
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  // Clear a line of progress in place of the message.
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  if (error instanceof ExitError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const expected = expectedExitCode(error);
  if (expected !== undefined) {
    const message = inCommandLineWords((error as Error).message);
    process.stderr.write(`error: ${message}${proxyHint(error, process.env)}\n`);
    return expected;
  }
  process.stderr.write(
    `error: ${error instanceof Error ? error.stack : String(error)}\nThis is a defect of fixres; please report it.\n`,
  );
  return exitCodes.failed;
}
