import { statfs } from 'node:fs/promises';
import type { EngineFlavor } from '../native/engine-entry.ts';
import { nearestFolder } from './nearest-folder.ts';

/** Size of an engine on Linux x64 in megabytes (10^6 bytes): downloaded, and unpacked. */
export const engineSize: Readonly<
  Record<EngineFlavor, { readonly download: number; readonly installed: number }>
> = {
  cpu: { download: 280, installed: 860 },
  gpu: { download: 3400, installed: 5700 },
};

/** Megabytes that are free on the disk of a folder, which may not exist. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(nearestFolder(folder));
  return (bavail * bsize) / 1e6;
}

/**
 * The problem, as one clause, if a folder's disk has too little space; otherwise null.
 *
 * @param megabytes required space
 */
export async function lackOfSpace(
  folder: string,
  megabytes: number,
  space: typeof freeSpace = freeSpace,
): Promise<string | null> {
  const free = await space(folder);
  return free < megabytes
    ? `not enough space in ${folder}: ${gigabytes(megabytes)} are needed, ${gigabytes(free)} ` +
        'are free'
    : null;
}

/** Formats megabytes. */
export function gigabytes(megabytes: number): string {
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}
