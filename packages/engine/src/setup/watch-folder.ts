import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files under `folder`; links are not followed, and what vanishes meanwhile counts as nothing. */
export function folderSize(folder: string): number {
  return fileSizes(folder).reduce((sum, size) => sum + size, 0);
}

/** Bytes of the largest file under `folder`; 0 when there is none. */
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

/** Calls `onTick` every `seconds` while `work` is under way. */
export async function every<T>(seconds: number, onTick: () => void, work: Promise<T>): Promise<T> {
  const timer = setInterval(onTick, seconds * 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
