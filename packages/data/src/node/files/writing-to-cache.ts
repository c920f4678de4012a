import { FixresDataError } from '../../errors.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Creates a folder of the cache and runs a function that writes into it.
 *
 * @throws FixresDataError `write-failed` if the system refuses to write; other errors of the
 * function are unchanged
 */
export async function writingToCache<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    makeFolder(folder);
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new FixresDataError(
      'write-failed',
      `Cache folder "${folder}" cannot be written: ${error.message}. Make room, or ` +
        'use another cache folder (FIXRES_CACHE).',
      { cause: error },
    );
  }
}
