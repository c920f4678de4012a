import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Those of this process that are being written. */
const own = new Set<string>();

/** Where to write a download until it is complete. The caller calls `release` in the end. */
export function newPartial(target: string): string {
  const path = `${target}.${process.pid}-${randomUUID()}.partial`;
  own.add(path);
  return path;
}

/** Removes what is left of a partial file. */
export async function release(partial: string): Promise<void> {
  // An error that led here is the one to report.
  await rm(partial, { force: true }).catch(() => undefined);
  own.delete(partial);
}

/** Where the part of an interrupted download is kept. */
export function interruptedPlace(target: string): string {
  return `${target}.interrupted`;
}

/**
 * Moves the longest part of earlier downloads to `partial`, and removes the others, except those that
 * a process is writing.
 *
 * @param adopt whether a part can be completed; otherwise all are removed
 */
export async function adoptPart(target: string, partial: string, adopt: boolean): Promise<void> {
  const parts = await abandonedPartials(target);
  if (adopt) {
    parts.push(interruptedPlace(target));
    const sizes = await Promise.all(
      parts.map((path) => stat(path).then(({ size }) => size, ignoreMissing)),
    );
    const longest = sizes.reduce<number>(
      (best, size = 0, i) => (size > (sizes[best] ?? 0) ? i : best),
      0,
    );
    // Another process may have taken it first.
    await rename(parts[longest]!, partial).catch(ignoreMissing);
  }
  await Promise.all(parts.map((path) => rm(path, { force: true })));
}

/** @returns undefined if the error states that a file does not exist */
export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function abandonedPartials(target: string): Promise<string[]> {
  const folder = dirname(target);
  const prefix = `${basename(target)}.`;
  return (await readdir(folder))
    .filter((name) => {
      if (!name.startsWith(prefix)) return false;
      const [, pid] = /^(\d{1,9})(?:-[\w-]+)?\.partial$/.exec(name.slice(prefix.length)) ?? [];
      return pid !== undefined && !isWritten(join(folder, name), Number(pid));
    })
    .map((name) => join(folder, name));
}

/** Whether the process that made a partial file may be writing it. */
function isWritten(path: string, pid: number): boolean {
  // An earlier process can have had the number of this one.
  if (pid === process.pid) return own.has(path);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
