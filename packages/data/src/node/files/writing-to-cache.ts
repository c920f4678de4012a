import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FixresDataError } from '../../errors.ts';

/**
 * Creates a folder of the cache and runs a function that writes into it.
 *
 * @throws FixresDataError `write-failed` if the system refuses to write; other errors of the
 * function are unchanged
 */
export async function writingToCache<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    await mkdir(folder, { recursive: true });
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const reason = await reasonOf(error as NodeJS.ErrnoException, folder);
    throw new FixresDataError(
      'write-failed',
      `Cache folder "${folder}" cannot be written: ${reason}. Make room, or ` +
        'use another cache folder (FIXRES_CACHE).',
      { cause: error },
    );
  }
}

/** For a folder on a read-only file system, the error of mkdir is ENOENT. */
async function reasonOf({ code, message }: NodeJS.ErrnoException, folder: string): Promise<string> {
  if (code !== 'ENOENT') return message;
  let existing = folder;
  // On Windows, even the root is missing if there is no such drive.
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return access(existing, constants.W_OK).then(
    () => message,
    (error: unknown) => (error as Error).message,
  );
}
