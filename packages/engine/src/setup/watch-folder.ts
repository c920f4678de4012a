import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Total size of the files under `folder` in bytes. Links are not followed; files that disappear
 * meanwhile count as 0.
 */
export function folderSize(folder: string): number {
  return fileSizes(folder).reduce((sum, size) => sum + size, 0);
}

/** Size of the largest file under `folder` in bytes; 0 if there is none. */
export function largestFile(folder: string): number {
  return Math.max(0, ...fileSizes(folder));
}

function fileSizes(folder: string): number[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory()
        ? fileSizes(path)
        : [lstatSync(path, { throwIfNoEntry: false })?.size ?? 0];
    });
  } catch {
    return [];
  }
}

/** Calls `onTick` every `seconds` until `work` settles. */
export async function every<T>(seconds: number, onTick: () => void, work: Promise<T>): Promise<T> {
  const timer = setInterval(onTick, seconds * 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
