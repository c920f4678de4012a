import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { FixresRunnerError } from '../errors.ts';

/** Who writes to a run. */
interface Owner {
  pid: number;
  host: string;
  /** When the process started, as the kernel counts it; with the boot it tells a process from a later one with its number. */
  started: string | null;
}

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
    const mine: Owner = { pid: process.pid, host: hostname(), started: processStart(process.pid) };
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
  const owner = JSON.parse(text) as Owner;
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

function isAlive({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = processStart(pid);
  if (now === GONE) return false;
  return started === null || now === null || started === now;
}

/** The start of a process that has ended and whose parent has not asked for its exit code yet. */
const GONE = 'gone';

/** Boot and start time of a process, from Linux's /proc (proc(5)); null where there is none. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in parentheses, may hold spaces and parentheses. State is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return GONE;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${startTime}`;
  } catch {
    return null;
  }
}

function locked(file: string, owner: string): FixresRunnerError {
  const message = `The run is being written by ${owner}. Two cannot write to one run; if there is none any more, remove ${file}.`;
  return new FixresRunnerError('run-locked', message);
}
