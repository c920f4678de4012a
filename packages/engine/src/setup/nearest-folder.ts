import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** The folder itself, or the nearest folder above it that exists. */
export function nearestFolder(folder: string): string {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return existing;
}
