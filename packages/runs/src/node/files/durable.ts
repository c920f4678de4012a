import { fsync } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const syncDescriptor = promisify(fsync);

/** Waits until what was written to an open file would survive a loss of power. `FileHandle.sync` is missing under yarn's Plug'n'Play. */
export async function syncHandle({ fd }: FileHandle): Promise<void> {
  await syncDescriptor(fd);
}

/**
 * Makes a file's content, or the names in a folder, survive a loss of power. Windows opens no folders, and needs none for it; of files it
 * flushes those that may be written.
 */
export async function syncPath(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  if (platform === 'win32' && (await stat(path)).isDirectory()) return;
  const handle = await open(path, platform === 'win32' ? 'r+' : 'r');
  try {
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}

/** {@link syncPath} for a folder and the files in it. */
export async function syncFolder(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  for (const name of await readdir(folder)) await syncPath(join(folder, name), platform);
  await syncPath(folder, platform);
}
