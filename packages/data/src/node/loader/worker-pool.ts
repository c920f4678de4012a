import type { Worker } from 'node:worker_threads';
import { FixresDataError } from '../../errors.ts';
import { loadSharp } from '../decode/load-sharp.ts';
import { keepThread, takeThread } from './idle-threads.ts';
import type {
  JobReply,
  WorkerJob,
  WorkerReply,
  WorkerRequest,
  WorkerSetup,
} from './worker-protocol.ts';

type Unnumbered<T> = T extends unknown ? Omit<T, 'job'> : never;

interface Waiting {
  resolve: (reply: JobReply) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that read, decode and resample. A job goes to the thread with the fewest waiting
 * jobs.
 */
export class WorkerPool {
  readonly #setup: WorkerSetup;
  readonly #workers: {
    readonly thread: Worker;
    readonly waiting: Map<number, Waiting>;
    hasFailed: boolean;
  }[] = [];
  #nextJob = 0;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** Starts threads until there are this many. Needed before the first job. */
  grow(threads: number): void {
    while (this.#workers.length < threads) this.#start();
  }

  #start(): void {
    const thread = takeThread();
    thread.postMessage({ type: 'open', setup: this.#setup } satisfies WorkerRequest);
    const waiting = new Map<number, Waiting>();
    thread.on('message', (reply: WorkerReply) => {
      if (reply.type === 'load-sharp') {
        // If loading fails, it fails in the worker too, which reports it.
        void loadSharp()
          .catch(() => undefined)
          .then(() => thread.postMessage({ type: 'sharp-loaded' } satisfies WorkerRequest));
        return;
      }
      const { resolve, reject } = waiting.get(reply.job)!;
      waiting.delete(reply.job);
      if (reply.type === 'error') {
        reject(
          reply.code ? new FixresDataError(reply.code, reply.message) : new Error(reply.message),
        );
      } else resolve(reply);
    });
    const worker = { thread, waiting, hasFailed: false };
    thread.on('error', (error) => {
      worker.hasFailed = true;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    this.#workers.push(worker);
  }

  async run<T extends WorkerJob['type']>(
    request: Unnumbered<WorkerJob & { type: T }>,
    transfer: ArrayBuffer[] = [],
  ): Promise<JobReply & { type: T }> {
    const job = this.#nextJob++;
    const worker = this.#workers.reduce((best, other) =>
      other.waiting.size < best.waiting.size ? other : best,
    );
    worker.thread.ref();
    try {
      return (await new Promise<JobReply>((resolve, reject) => {
        worker.waiting.set(job, { resolve, reject });
        worker.thread.postMessage({ ...request, job }, transfer);
      })) as JobReply & { type: T };
    } finally {
      if (worker.waiting.size === 0) worker.thread.unref();
    }
  }

  /** Leaves its threads to later pools. Those that still have work stop, and the work is lost. */
  async close(): Promise<void> {
    const workers = this.#workers.splice(0);
    await Promise.all(
      workers.map(({ thread, waiting, hasFailed }) =>
        hasFailed || waiting.size > 0 ? thread.terminate() : keepThread(thread),
      ),
    );
  }
}
