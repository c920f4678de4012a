import { exitCodes } from './exit-error.ts';

/**
 * Exit codes of the packages' errors by their class's name and code. The packages are not imported for it: start-up would load
 * TensorFlow.js.
 */
const failures = new Set([
  'download-failed',
  'non-finite-loss',
  'tensor-leak',
  'write-failed',
  'read-failed',
  'run-gone',
  'cache-file',
  'features-lost',
  'frozen-variable-changed',
  'port-in-use',
  'no-temporary-folder',
]);

/** The exit code of an expected error, or undefined for a defect. */
export function expectedExitCode(error: unknown): number | undefined {
  // The system refuses a file, and says which: rights, a disk that fails, a folder where a file should be.
  if (error instanceof Error && 'syscall' in error && 'path' in error) return exitCodes.failed;
  if (!(error instanceof Error) || !/^Fixres\w+Error$/.test(error.name) || !('code' in error))
    return undefined;
  return failures.has(String(error.code)) ? exitCodes.failed : exitCodes.usage;
}
