import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FixresRunsError } from '../../errors.ts';
import { type LockOwner, lockOwnerState, ownLock, parseLockOwner } from './lock-owner.ts';

/** How often, and after how many milliseconds, a lock of a living process is looked at again: one just killed takes a moment to go. */
const TRIES = 10;
const PAUSE = 100;

/** Milliseconds after which nobody writes to a file any more that takes one system call to write. */
const FORGOTTEN_AFTER = 60_000;

/**
 * A file that says that a process writes to a run. It is flushed to the disk and then made by a hard link, so there is never half of one.
 *
 * One that is left by a process that is gone does not count: no process has its number, or one that started at another time has it.
 * Processes of other machines cannot be seen, so their locks always count. A lock that names no process is what a loss of power left of
 * one, and does not count either.
 */
export class RunLock {
  readonly #file: string;
  readonly #content: string;

  private constructor(file: string, content: string) {
    this.#file = file;
    this.#content = content;
  }

  /** @throws FixresRunsError `run-locked`; the system's error where the lock cannot be written */
  static async acquire(file: string): Promise<RunLock> {
    const id = randomUUID();
    // No two locks have the same content, so one can be told by it.
    const content = `${JSON.stringify({ ...ownLock(), id })}\n`;
    const aside = `${file}.${id}.partial`;
    try {
      await writeFile(aside, content, { flush: true });
      await take(file, aside, file);
    } finally {
      await rm(aside, { force: true });
    }
    await removeLeftovers(file);
    return new RunLock(file, content);
  }

  /** Whether the lock is there still, as it was made. */
  async isHeld(): Promise<boolean> {
    return (await contentOf(this.#file)) === this.#content;
  }

  async release(): Promise<void> {
    // Where people removed it, another process may have its own there.
    if (await this.isHeld()) await rm(this.#file, { force: true });
  }
}

/** Whether a file in a run's folder is its lock, or what trying to get it made. */
export function isOfLock(name: string): boolean {
  return /^lock(\.[\da-f-]+(\.partial)?)?$/.test(name);
}

/**
 * Puts a link to `aside` at a place, unless a living process has one there.
 *
 * Whoever finds a stale link there has to take a second place first, whose name follows from the stale link's content. Only its holder
 * may change the first place while that content is there, and moves its own link over it: of many processes that find the same stale
 * link one succeeds it, and one that is late cannot mistake a fresh link for it. A process that is killed in between leaves a stale link
 * at the second place, which is succeeded in the same way.
 *
 * @param file the lock: what all places are called after
 * @throws FixresRunsError `run-locked`
 */
async function take(place: string, aside: string, file: string): Promise<void> {
  for (let tries = 0; ;) {
    if (await isLinked(aside, place)) return;
    const theirs = await contentOf(place);
    // Released meanwhile.
    if (theirs === undefined) continue;
    const owner = ownerOf(theirs);
    if (owner !== undefined && lockOwnerState(owner) !== 'gone') {
      if (tries++ === TRIES) throw locked(place, owner);
      await sleep(PAUSE);
      continue;
    }
    const succession = `${file}.${createHash('sha256').update(theirs).digest('hex').slice(0, 16)}`;
    await take(succession, aside, file);
    if ((await contentOf(place)) === theirs && (await isMoved(succession, place))) return;
    // Another process has succeeded it before, and has it or has released it.
    await rm(succession, { force: true });
  }
}

/** Makes a hard link where nothing is; false where something is. */
function isLinked(file: string, place: string): Promise<boolean> {
  return isDone(link(file, place), 'EEXIST');
}

/** Moves a link over another one; false where it is gone: the holder of the lock has taken it for a leftover. */
function isMoved(from: string, to: string): Promise<boolean> {
  return isDone(rename(from, to), 'ENOENT');
}

/** Whether something was done; false where it failed with a code. */
async function isDone(work: Promise<void>, code: string): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

/**
 * Removes what processes left beside the lock that were killed while they tried to get it. The second places among it are of no use any
 * more: they are those of links that the lock's holder has succeeded.
 */
async function removeLeftovers(file: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const path = join(dirname(file), name);
    const owner = ownerOf((await contentOf(path)) ?? '');
    if (owner === undefined ? await isForgotten(path) : lockOwnerState(owner) === 'gone')
      await rm(path, { force: true });
  }
}

/** Whether a file without an owner is so old that nobody is about to write one into it. */
async function isForgotten(path: string): Promise<boolean> {
  const made = await stat(path).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > FORGOTTEN_AFTER;
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function ownerOf(content: string): LockOwner | undefined {
  try {
    return parseLockOwner(JSON.parse(content));
  } catch {
    return undefined;
  }
}

function locked(place: string, { pid, host }: LockOwner): FixresRunsError {
  const message = `The run is being written by process ${pid} on ${host}. Two cannot write to one run; if there is none any more, remove ${place}.`;
  return new FixresRunsError('run-locked', message);
}
