import { exitCodes } from './exit-error.ts';

/**
 * Outlives those who read stdout and stderr, where Node would end with a stack trace. What goes to a pipe whose reader left (`head`, for
 * example) is wanted by nobody: it is dropped, and the program ends as its work does. Any other failure, of a full disk behind `>` for
 * example, is told and ends with code 1.
 */
export function outliveReaders(): void {
  let isTold = false;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // EOF is what Windows makes of it.
    if (code === 'EPIPE' || code === 'EOF' || isTold) return;
    isTold = true;
    process.exitCode = exitCodes.failed;
    process.stderr.write(`error: The output cannot be written: ${message}\n`);
  });
  process.stderr.on('error', () => {
    // There is no other place to tell it.
  });
}
