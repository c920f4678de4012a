import { exitCodes } from './exit-error.ts';

/**
 * Codes of the packages' errors that exit with 1. The packages are not imported for this: that
 * would load TensorFlow.js at startup.
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
  'cluster-failed',
  'processes-differ',
  'no-temporary-folder',
  'memory-unknown',
]);

/** The exit code of an expected error, or undefined for a defect. */
export function expectedExitCode(error: unknown): number | undefined {
  // A system error about a named file: permissions, a failing disk, a folder in place of a file.
  if (error instanceof Error && 'syscall' in error && 'path' in error) return exitCodes.failed;
  if (!(error instanceof Error) || !/^Fixres\w+Error$/.test(error.name) || !('code' in error))
    return undefined;
  return failures.has(String(error.code)) ? exitCodes.failed : exitCodes.usage;
}
