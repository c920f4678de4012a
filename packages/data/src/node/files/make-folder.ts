import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its parents, unless they exist.
 *
 * Node's own `recursive: true` can fail to end where a folder cannot be created (seen with Node 20.20,
 * 22.23 and 24.11), and hides the reason on a read-only file system.
 *
 * @throws the system's error
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
    return;
  } catch (error) {
    if (isFolder(folder)) return;
    const above = dirname(folder);
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || above === folder || isFolder(above)) throw error;
  }
  makeFolder(dirname(folder));
  makeFolder(folder);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
