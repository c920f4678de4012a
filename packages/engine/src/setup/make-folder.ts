import { access, constants, mkdir } from 'node:fs/promises';
import { nearestFolder } from './nearest-folder.ts';

/**
 * Creates a folder and its parents.
 *
 * @throws the system's error. On a read-only file system, that of Node.js is ENOENT; this one is
 * EROFS
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      await access(nearestFolder(folder), constants.W_OK);
    throw error;
  }
}
