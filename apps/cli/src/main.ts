import { exitCodes } from './command-line/exit-error.ts';
import { handleOutputErrors } from './command-line/output-errors.ts';
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
