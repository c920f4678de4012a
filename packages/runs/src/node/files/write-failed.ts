import { setTimeout as sleep } from 'node:timers/promises';
import { FixresRunsError } from '../../errors.ts';

/** What cannot be written for a run. */
export interface Unwritten {
  /** The run's folder. */
  run: string;
  /** What was being written, in few words, for example a file in the folder. */
  what: string;
  /** The run has not started, so there is nothing to resume. */
  isNew?: boolean;
}

/** Errors about space, by the system's error codes. */
const SPACE_ERRORS: Partial<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
};

/** The error of a run whose folder cannot be written. */
export function writeFailed(
  { run, what, isNew = false }: Unwritten,
  cause: unknown,
): FixresRunsError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const wanted = SPACE_ERRORS[code ?? ''];
  const remedy = wanted === undefined ? 'repair it' : 'make room';
  const advice = isNew
    ? `The run has not started: ${remedy}, then start it again.`
    : `Earlier checkpoints are intact: ${remedy}, then run "fixres resume".`;
  return new FixresRunsError(
    'write-failed',
    `Run folder "${run}" cannot be written: ${wanted ?? message} (${what}). ${advice}`,
    { cause },
  );
}

/**
 * Runs a function that reads a run's folder. An error of the system becomes one that states that
 * nothing was changed.
 *
 * @param what is being read, in few words
 * @throws FixresRunsError `read-failed`
 */
export async function reading<T>(
  { run, what }: Omit<Unwritten, 'isNew'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const message =
      `Run folder "${run}" cannot be read: ${error.message} (${what}). Nothing was changed: ` +
      'repair it, then run "fixres resume".';
    throw new FixresRunsError('read-failed', message, { cause: error });
  }
}

/**
 * Runs a function that writes to a run's folder. Errors of the system become {@link writeFailed};
 * other errors are unchanged.
 */
export async function writing<T>(unwritten: Unwritten, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? writeFailed(unwritten, error) : error;
  }
}

/**
 * How long the removal of a folder may take until its lock is gone: number of checks, and
 * milliseconds between them.
 */
const REMOVAL = { tries: 20, pause: 100 };

/**
 * {@link writing} to the folder of a current run. If the folder is removed in the meantime, that is
 * the error.
 *
 * @param assertThere throws if the run must not write any more
 */
export async function writingWhileThere<T>(
  unwritten: Unwritten,
  assertThere: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  await assertThere();
  try {
    return await writing(unwritten, work);
  } catch (error) {
    await assertThere();
    // A part of the folder is missing: it is being removed, and its lock may be removed last.
    for (let tries = 0; tries < REMOVAL.tries && isMissing(error); tries++) {
      await sleep(REMOVAL.pause);
      await assertThere();
    }
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'ENOENT';
}
