import { exitCodes } from './command-line/exit-error.ts';
import { welcome } from './command-line/welcome.ts';

handleOutputErrors();

const words = process.argv.slice(2);
if (words.length === 0) {
  // As commander does for a missing command: on stderr with the exit code of a usage error, so that
  // scripts notice.
  process.stderr.write(welcome);
  process.exitCode = exitCodes.usage;
} else {
  const { runProgram } = await import('./command-line/run-program.ts');
  await runProgram(words);
}

/**
 * Handles errors of stdout and stderr, for which Node would exit with a stack trace. If the reader
 * of a pipe has exited (for example `head`), output is dropped and the program continues. Any other
 * failure, such as a full disk behind `>`, is reported and sets exit code 1.
 */
function handleOutputErrors(): void {
  let isReported = false;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // On Windows the code is EOF.
    if (code === 'EPIPE' || code === 'EOF' || isReported) return;
    isReported = true;
    process.exitCode = exitCodes.failed;
    process.stderr.write(`error: The output cannot be written: ${message}\n`);
  });
  process.stderr.on('error', () => {
    // There is no other place to report it.
  });
}
