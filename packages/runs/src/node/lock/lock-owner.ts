import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who writes to a run: what its `lock` holds. */
export interface LockOwner {
  pid: number;
  host: string;
  /** When the process started, as the kernel counts it; with the boot it tells a process from a later one with its number. */
  started: string | null;
}

/** `elsewhere`: a process of another machine, which cannot be seen. */
export type LockOwnerState = 'living' | 'gone' | 'elsewhere';

/** This process as a lock names it. */
export function ownLock(): LockOwner {
  return { pid: process.pid, host: hostname(), started: processStart(process.pid) };
}

/** Gives data of unknown origin as the content of a lock; undefined where it is none. */
export function parseLockOwner(value: unknown): LockOwner | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, host, started } = value as Partial<Record<keyof LockOwner, unknown>>;
  // Numbers below 1 mean groups of processes.
  if (!Number.isSafeInteger(pid) || (pid as number) < 1 || typeof host !== 'string')
    return undefined;
  return { pid: pid as number, host, started: typeof started === 'string' ? started : null };
}

/**
 * Whether the process that a lock names still is. One that is gone is told by its number, and where the system says when processes
 * started also from a later process with that number.
 */
export function lockOwnerState({ pid, host, started }: LockOwner): LockOwnerState {
  if (host !== hostname()) return 'elsewhere';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  const now = processStart(pid);
  if (now === GONE) return 'gone';
  return started === null || now === null || started === now ? 'living' : 'gone';
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
