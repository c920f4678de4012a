import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { WorkerRequest } from './worker-protocol.ts';

/**
 * Node 20 does not run TypeScript in workers, so tests that run from source use the built worker.
 */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../../dist/node/loader/batch-worker.js'
    : './batch-worker.js',
  import.meta.url,
);

/** As many as a loader starts by default. */
const MOST_IDLE = 4;

/** Milliseconds that a thread waits for another loader. */
const PATIENCE = 10_000;

/** Threads without a loader, with the timers that stop them. */
const idle = new Map<Worker, NodeJS.Timeout>();

/**
 * A thread that a closed loader left, or a new one: it takes as long to start as some 40 small images to decode.
 * It does not keep the process alive.
 */
export function takeThread(): Worker {
  const kept = [...idle.keys()].at(-1);
  if (kept !== undefined) {
    forget(kept);
    return kept;
  }
  // The environment may be another one for the next loader.
  const thread = new Worker(workerUrl, { env: SHARE_ENV });
  thread.unref();
  return thread;
}

/**
 * Keeps a thread that has answered all requests for the next loader, for some seconds. It lets go of its images.
 *
 * @returns after a thread that is one too many has stopped
 */
export async function keepThread(thread: Worker): Promise<void> {
  thread.removeAllListeners('message').removeAllListeners('error');
  if (idle.size >= MOST_IDLE) {
    await thread.terminate();
    return;
  }
  thread.postMessage({ type: 'close' } satisfies WorkerRequest);
  // It has nothing to do that could fail; if it does, it is not used again.
  thread.once('error', () => {
    forget(thread);
  });
  const timer = setTimeout(() => {
    forget(thread);
    void thread.terminate();
  }, PATIENCE).unref();
  idle.set(thread, timer);
}

function forget(thread: Worker): void {
  clearTimeout(idle.get(thread));
  idle.delete(thread);
}
