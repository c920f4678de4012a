import { Worker } from 'node:worker_threads';
import type { RunReader } from './run-reader.ts';

/**
 * Node 20 does not run TypeScript in workers, so tests that run from source use the built worker.
 */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../dist/server/reading/reader-worker.js'
    : './reader-worker.js',
  import.meta.url,
);

/** A request to the thread. */
export type ReaderRequest = {
  [M in keyof RunReader]: { job: number; method: M; given: Parameters<RunReader[M]> };
}[keyof RunReader];

export interface ReaderReply {
  job: number;
  value?: unknown;
  error?: string;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * Reads runs on its own thread, so that no request waits for the reading of another. The thread
 * starts with the first request.
 */
export class ReaderThread {
  readonly reader: RunReader = {
    curves: (...given) => this.#ask('curves', given),
    predictions: (...given) => this.#ask('predictions', given),
    calibration: (...given) => this.#ask('calibration', given),
    predictionsPage: (...given) => this.#ask('predictionsPage', given),
    isPredicted: (...given) => this.#ask('isPredicted', given),
    predictedImages: (...given) => this.#ask('predictedImages', given),
  };
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #jobs = 0;
  #isClosed = false;

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }

  #ask<M extends keyof RunReader>(
    method: M,
    given: Parameters<RunReader[M]>,
  ): ReturnType<RunReader[M]> {
    const job = this.#jobs++;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#isClosed) throw new Error('The dashboard is closed.');
      this.#waiting.set(job, { resolve, reject });
      (this.#thread ??= this.#begin()).postMessage({ job, method, given });
    }) as ReturnType<RunReader[M]>;
  }

  #begin(): Worker {
    // Without the flags of tests, which resolve packages to their sources.
    const thread = new Worker(workerUrl, { execArgv: [] });
    thread.on('message', ({ job, value, error }: ReaderReply) => {
      const waiting = this.#waiting.get(job);
      this.#waiting.delete(job);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    let cause: unknown;
    thread.on('error', (error) => (cause = error));
    // Closed, or out of memory; the next request starts another one.
    thread.on('exit', () => {
      this.#thread = undefined;
      for (const { reject } of this.#waiting.values())
        reject(new Error('The thread that reads runs has ended.', { cause }));
      this.#waiting.clear();
    });
    thread.unref();
    return thread;
  }
}
