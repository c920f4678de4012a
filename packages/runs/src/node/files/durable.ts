import { fsync } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const syncDescriptor = promisify(fsync);

/**
 * Waits until the data written to an open file would survive a loss of power. `FileHandle.sync` is
 * missing under yarn's Plug'n'Play.
 */
export async function syncHandle({ fd }: FileHandle): Promise<void> {
  await syncDescriptor(fd);
}

/**
 * Makes the content of a file, or the names in a folder, survive a loss of power. Windows cannot
 * open folders, and does not need to; it flushes only writable files.
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
