import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * What to throw where a command failed to write what its option --out names: one line when the system refused it. Any other error stays
 * what it is.
 */
export function cannotWrite(out: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new ExitError(
    exitCodes.failed,
    `error: Option --out is "${out}", which cannot be written: ${error.message}`,
    { cause: error },
  );
}
