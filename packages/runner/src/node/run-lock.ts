import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FixresRunnerError } from '../errors.ts';
import { type LockOwner, lockOwnerState, ownLock } from './lock-owner.ts';

/**
 * A file that says that a process writes to a run. It is made whole by a hard link, so there is never half of one.
 *
 * One that is left by a process that is gone does not count: no process has its number, or one that started at another time has it.
 * Processes of other machines cannot be seen, so their locks always count.
 */
export class RunLock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws FixresRunnerError `run-locked` */
  static async acquire(file: string): Promise<RunLock> {
    const mine = ownLock();
    const aside = `${file}.${process.pid}.partial`;
    await writeFile(aside, `${JSON.stringify(mine)}\n`);
    try {
      await link(aside, file).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        await removeStale(file);
        await link(aside, file).catch((again: unknown) => {
          if ((again as NodeJS.ErrnoException).code !== 'EEXIST') throw again;
          throw locked(file, 'another process, which was faster');
        });
      });
    } finally {
      await rm(aside, { force: true });
    }
    return new RunLock(file);
  }

  async release(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

/** Removes the lock of a process that is gone; returns also when there is no lock any more. */
async function removeStale(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  // Released meanwhile.
  if (text === undefined) return;
  const owner = JSON.parse(text) as LockOwner;
  // A process that was just killed takes a moment to go.
  for (let tries = 0; tries < 10 && isAlive(owner); tries++) await sleep(100);
  if (isAlive(owner)) throw locked(file, `process ${owner.pid} on ${owner.host}`);
  // Renamed first: of two processes that find the lock stale only one gets it, and the other sees what it took.
  const aside = `${file}.${process.pid}.stale`;
  const isTaken = await rename(file, aside).then(() => true, () => false);
  if (!isTaken) return;
  const taken = await readFile(aside, 'utf8');
  if (taken !== text) {
    await rename(aside, file);
    throw locked(file, 'another process, which was faster');
  }
  await rm(aside);
}

function isAlive(owner: LockOwner): boolean {
  return lockOwnerState(owner) !== 'gone';
}

function locked(file: string, owner: string): FixresRunnerError {
  const message = `The run is being written by ${owner}. Two cannot write to one run; if there is none any more, remove ${file}.`;
  return new FixresRunnerError('run-locked', message);
}
