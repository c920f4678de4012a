import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LockOwnerState, lockOwnerState, parseLockOwner } from './lock-owner.ts';

/** The process that the lock of a run folder names; `gone` where there is none. */
export async function runWriter(folder: string): Promise<LockOwnerState> {
  try {
    const owner = parseLockOwner(JSON.parse(await readFile(join(folder, 'lock'), 'utf8')));
    return owner ? lockOwnerState(owner) : 'gone';
  } catch {
    return 'gone';
  }
}

/** When the configuration, the log or the summary of a run was last written, in milliseconds; 0 where there is none. */
export async function lastWrite(folder: string): Promise<number> {
  const times = await Promise.all(
    ['config.json', 'events.jsonl', 'summary.json'].map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(...times);
}
