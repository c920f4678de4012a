import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FixresRunsError } from '../../errors.ts';
import { type LockOwner, lockOwnerState, ownLock, parseLockOwner } from './lock-owner.ts';

/**
 * How often, and after how many milliseconds, the lock of a living process is checked again: a
 * killed process takes a moment to exit.
 */
const TRIES = 10;
const PAUSE = 100;

/**
 * Milliseconds after which a file that takes one system call to write is no longer being written.
 */
const FORGOTTEN_AFTER = 60_000;

/**
 * A file that marks a run as being written by a process. It is flushed to the disk and then created
 * by a hard link, so it is never incomplete.
 *
 * The lock of a process that no longer exists does not count: no process has its number, or one
 * with another start time has it. Processes of other machines cannot be checked, so their locks
 * always count. A lock that names no process is left by a loss of power, and does not count either.
 */
export class RunLock {
  readonly #file: string;
  readonly #content: string;

  private constructor(file: string, content: string) {
    this.#file = file;
    this.#content = content;
  }

  /** @throws FixresRunsError `run-locked`; the system's error if the lock cannot be written */
  static async acquire(file: string): Promise<RunLock> {
    const id = randomUUID();
    // All locks have different contents, so that the content identifies a lock.
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

  /** Whether the lock still exists, unchanged. */
  async isHeld(): Promise<boolean> {
    return (await contentOf(this.#file)) === this.#content;
  }

  async release(): Promise<void> {
    // If people removed it, another process can have its own there.
    if (await this.isHeld()) await rm(this.#file, { force: true });
  }
}

/** Whether a file in a run's folder is its lock, or is left by an attempt to get it. */
export function isOfLock(name: string): boolean {
  return /^lock(\.[\da-f-]+(\.partial)?)?$/.test(name);
}

/**
 * Puts a link to `aside` at a place, unless a living process has one there.
 *
 * A process that finds a stale link there must take a second place first, whose name follows from
 * the content of the stale link. Only the holder of the second place may change the first while
 * that content is there, and moves its own link over it. So one of many processes that find the
 * same stale link succeeds it, and a late one cannot mistake a new link for it. A process that is
 * killed in between leaves a stale link at the second place, which is succeeded in the same way.
 *
 * @param file the lock, from which the names of all places derive
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

/** Creates a hard link if nothing is there; otherwise returns false. */
function isLinked(file: string, place: string): Promise<boolean> {
  return isDone(link(file, place), 'EEXIST');
}

/**
 * Moves a link over another one; false if it no longer exists, because the holder of the lock
 * removed it as a leftover.
 */
function isMoved(from: string, to: string): Promise<boolean> {
  return isDone(rename(from, to), 'ENOENT');
}

/** Whether an operation succeeded; false if it failed with a code. */
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
 * Removes files that were left next to the lock by processes killed while they tried to get it. The
 * second places among them are no longer needed: they belong to links that the lock's holder has
 * succeeded.
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

/** Whether a file without an owner is so old that no process is about to write it. */
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
  const message =
    `Process ${pid} on ${host} is writing to this run. If that process no longer exists, ` +
    `remove ${place}.`;
  return new FixresRunsError('run-locked', message);
}
