import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/** An error about options or the file to import, in one line. */
export function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
