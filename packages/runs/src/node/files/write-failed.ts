import { FixresRunsError } from '../../errors.ts';

/** What of a run cannot be written. */
export interface Unwritten {
  /** The run's folder. */
  run: string;
  /** What was being written, in few words: a file within the folder, for example. */
  what: string;
  /** The run has not begun, so there is nothing to go on with. */
  isNew?: boolean;
}

/** Want of room, by the system's error codes. */
const WANT_OF_ROOM: Partial<Record<string, string>> = {
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
  const wanted = WANT_OF_ROOM[code ?? ''];
  const remedy = wanted === undefined ? 'mend that' : 'make room';
  const advice = isNew
    ? `The run has not begun: ${remedy}, then start it again.`
    : `The checkpoints written before are whole: ${remedy}, then go on with "fixres resume".`;
  return new FixresRunsError(
    'write-failed',
    `Run folder "${run}" cannot be written: ${wanted ?? message} (${what}). ${advice}`,
    { cause },
  );
}

/**
 * Does work that reads a run's folder. What the system refuses becomes an error that says that nothing is given up for it.
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
    const message = `Run folder "${run}" cannot be read: ${error.message} (${what}). What is there is left as it is: mend that, then go on with "fixres resume".`;
    throw new FixresRunsError('read-failed', message, { cause: error });
  }
}

/**
 * Does work that writes to a run's folder. What the system refuses becomes {@link writeFailed}; other errors, which are no matter of the
 * disk, stay what they are.
 */
export async function writing<T>(unwritten: Unwritten, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? writeFailed(unwritten, error) : error;
  }
}
