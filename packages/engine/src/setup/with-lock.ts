import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import type { SetupContext } from './setup-context.ts';

/** A lock that its owner has not updated for this long is taken over. */
const staleMilliseconds = 10_000;

/**
 * Runs `work` while no other process runs it for the same `folder`. Waits for another process while
 * that is alive.
 *
 * @param folder The lock is a folder next to it. Another process that has the lock may remove the
 * folder.
 */
export async function withLock<T>(
  folder: string,
  { onStep, signal }: SetupContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let isReported = false;
  let release: (() => Promise<void>) | null = null;
  while (!release) {
    signal?.throwIfAborted();
    try {
      // By default, the library throws from a timer when it loses a lock; stopping the work is
      // enough.
      release = await lockfile.lock(folder, {
        realpath: false,
        stale: staleMilliseconds,
        onCompromised: (error) => lost.abort(error),
      });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ELOCKED') throw error;
      if (!isReported) onStep('another setup is running; waiting for it');
      isReported = true;
      await sleep(300, undefined, { ...(signal && { signal }) });
    }
  }
  try {
    return await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  } finally {
    if (!lost.signal.aborted) await release();
  }
}
