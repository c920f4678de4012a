import { Worker } from 'node:worker_threads';
import { FixresModelsError } from '../errors.ts';

export interface AnswerOptions {
  /** How errors refer to the file that the thread reads. */
  where: string;
  /** Maximum time to wait, in seconds. */
  maxSeconds: number;
  signal?: AbortSignal | undefined;
}

/**
 * The first message of a thread, which is then terminated. Anything that happens in it, even an
 * endless loop, ends with it.
 *
 * @param worker the thread's module
 * @param request its `workerData`
 * @throws FixresModelsError `bad-weights-file` if the thread fails, exits or takes too long; the
 * signal's reason when aborted
 */
export async function answerOfThread(
  worker: URL,
  request: unknown,
  { where, maxSeconds, signal }: AnswerOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  const thread = new Worker(worker, { workerData: request });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const broken = (why: string, cause?: unknown): void =>
        reject(new FixresModelsError('bad-weights-file', `${where} ${why}.`, { cause }));
      thread.on('message', resolve);
      thread.on('error', (error) => broken(`cannot be read: ${error.message}`, error));
      thread.on('exit', () => broken('ended the thread that reads it'));
      timer = setTimeout(
        () => broken(`cannot be read within ${maxSeconds} seconds`),
        1000 * maxSeconds,
      );
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
