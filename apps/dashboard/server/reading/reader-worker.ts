import { parentPort } from 'node:worker_threads';
import type { ReaderReply, ReaderRequest } from './reader-thread.ts';
import { createRunReader } from './run-reader.ts';

const reader = createRunReader();

parentPort!.on('message', ({ job, method, given }: ReaderRequest) => {
  const reply = (message: ReaderReply): void => parentPort!.postMessage(message);
  const work = reader[method] as (...given: unknown[]) => Promise<unknown>;
  work(...given).then(
    (value) => reply({ job, value }),
    (error: unknown) => reply({ job, error: (error as Error).message }),
  );
});
