import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import type { SetupContext } from './setup-context.ts';

/** A lock whose holder has not updated it for this long is taken over. */
const staleMilliseconds = 10_000;

/**
 * Runs `work` while no other process runs it for the same `folder`. Waits for the other while it is
 * alive.
 *
 * @param folder The lock is a folder next to it. It may disappear meanwhile: another process with
 * the lock may remove it.
 */
export async function withLock<T>(
  folder: string,
  { onStep, signal }: SetupContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let told = false;
  let release: (() => Promise<void>) | null = null;
  while (!release) {
    signal?.throwIfAborted();
    try {
      // The library's default for a lost lock is to throw out of a timer; stopping the work is enough.
      release = await lockfile.lock(folder, {
        realpath: false,
        stale: staleMilliseconds,
        onCompromised: (error) => lost.abort(error),
      });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ELOCKED') throw error;
      if (!told) onStep('another set-up is running; waiting for it');
      told = true;
      await sleep(300, undefined, { ...(signal && { signal }) });
    }
  }
  try {
    return await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  } finally {
    if (!lost.signal.aborted) await release();
  }
}
