import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FixresRunsError } from '../errors.ts';
import { refuseUsed } from './run-folder.ts';

/**
 * Checks that a run can be created in a folder, before slow work. Nothing is created.
 *
 * @throws FixresRunsError `run-exists` if it is not empty; `bad-option` if it cannot be read or
 * written
 */
export async function requireFreeFolder(folder: string): Promise<void> {
  await refuseUsedFolder(folder);
  await requireWritable(folder);
}

/** Refuses a folder that is not empty, before slow work. */
async function refuseUsedFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new FixresRunsError('bad-option', `Run folder "${folder}" cannot be used: ${message}`, {
      cause: error,
    });
  });
  refuseUsed(folder, names);
}

/** Refuses a folder that cannot be created or written, before slow work. Nothing is created. */
async function requireWritable(folder: string): Promise<void> {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      await access(place, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A missing folder will be created in its parent.
      if (code === 'ENOENT' && dirname(place) !== place) continue;
      throw new FixresRunsError(
        'bad-option',
        `Run folder "${folder}" cannot be written: ${message}`,
        { cause: error },
      );
    }
  }
}
