import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that writes to a run: the content of its `lock`. */
export interface LockOwner {
  pid: number;
  host: string;
  /**
   * When the process started, in the units of the kernel; with the boot, it distinguishes a process
   * from a later one with the same number.
   */
  started: string | null;
}

/** `elsewhere`: a process of another machine, which cannot be checked. */
export type LockOwnerState = 'living' | 'gone' | 'elsewhere';

/** This process, in the format of a lock. */
export function ownLock(): LockOwner {
  return { pid: process.pid, host: hostname(), started: processStart(process.pid) };
}

/** Returns data of unknown origin as the content of a lock; undefined if it is not valid. */
export function parseLockOwner(value: unknown): LockOwner | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, host, started } = value as Partial<Record<keyof LockOwner, unknown>>;
  // Numbers below 1 refer to groups of processes.
  if (!Number.isSafeInteger(pid) || (pid as number) < 1 || typeof host !== 'string')
    return undefined;
  return { pid: pid as number, host, started: typeof started === 'string' ? started : null };
}

/**
 * Whether the process that a lock names still exists. A later process with the same number is
 * recognised if the system reports when processes started.
 */
export function lockOwnerState({ pid, host, started }: LockOwner): LockOwnerState {
  if (host !== hostname()) return 'elsewhere';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  const now = processStart(pid);
  if (now === GONE) return 'gone';
  return started === null || now === null || started === now ? 'living' : 'gone';
}

/** The state of a process that has ended and whose parent has not read its exit code yet. */
const GONE = 'gone';

/**
 * Boot and start time of a process, from Linux's /proc (proc(5)); null if they are not available.
 */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in parentheses, can contain spaces and parentheses. State is
    // field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return GONE;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${startTime}`;
  } catch {
    return null;
  }
}
