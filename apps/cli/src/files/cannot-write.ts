import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * The error to throw if a command failed to write its --out or another file: one line if the system refused it. Any
 * other error is returned unchanged.
 */
export function cannotWrite(out: string, error: unknown, option = '--out'): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new ExitError(
    exitCodes.failed,
    `error: Option ${option} is "${out}", which cannot be written: ${error.message}`,
    { cause: error },
  );
}
