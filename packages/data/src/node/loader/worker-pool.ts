import { Worker } from 'node:worker_threads';
// The main thread must load sharp before any worker does, so that its libraries outlive the
// workers.
import 'sharp';
import { FixresDataError } from '../../errors.ts';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './worker-protocol.ts';

/**
 * Node 20 does not run TypeScript in workers, so tests that run from source use the built worker.
 */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../../dist/node/loader/batch-worker.js'
    : './batch-worker.js',
  import.meta.url,
);

type Unnumbered<T> = T extends unknown ? Omit<T, 'job'> : never;

interface Waiting {
  resolve: (reply: WorkerReply) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that read, decode and resample. A job goes to the thread with the fewest waiting
 * jobs.
 */
export class WorkerPool {
  readonly #workers: { thread: Worker; waiting: Map<number, Waiting> }[];
  #nextJob = 0;

  constructor(threads: number, workerData: WorkerSetup) {
    this.#workers = Array.from({ length: threads }, () => {
      const thread = new Worker(workerUrl, { workerData });
      const waiting = new Map<number, Waiting>();
      thread.on('message', (reply: WorkerReply) => {
        const { resolve, reject } = waiting.get(reply.job)!;
        waiting.delete(reply.job);
        if (reply.type === 'error') {
          reject(
            reply.code ? new FixresDataError(reply.code, reply.message) : new Error(reply.message),
          );
        } else resolve(reply);
      });
      thread.on('error', (error) => {
        for (const { reject } of waiting.values()) reject(error);
        waiting.clear();
      });
      // An idle pool does not keep the process alive.
      thread.unref();
      return { thread, waiting };
    });
  }

  async run<T extends WorkerRequest['type']>(
    request: Unnumbered<WorkerRequest & { type: T }>,
    transfer: ArrayBuffer[] = [],
  ): Promise<WorkerReply & { type: T }> {
    const job = this.#nextJob++;
    const worker = this.#workers.reduce((best, other) =>
      other.waiting.size < best.waiting.size ? other : best,
    );
    worker.thread.ref();
    try {
      return (await new Promise<WorkerReply>((resolve, reject) => {
        worker.waiting.set(job, { resolve, reject });
        worker.thread.postMessage({ ...request, job }, transfer);
      })) as WorkerReply & { type: T };
    } finally {
      if (worker.waiting.size === 0) worker.thread.unref();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ thread }) => thread.terminate()));
  }
}
