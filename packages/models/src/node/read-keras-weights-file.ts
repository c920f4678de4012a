import { stat } from 'node:fs/promises';
import { FixresModelsError, type FixresModelsErrorCode } from '../errors.ts';
import {
  DEFAULT_MAX_BYTES,
  type KerasWeights,
  type KerasWeightsLimits,
} from '../weights/keras-weights.ts';
import { answerOfThread } from './answer-of-thread.ts';

export interface ReadKerasWeightsFileOptions extends KerasWeightsLimits {
  /** Maximum time to read, in seconds. Default 120; files of a gigabyte take a few. */
  maxSeconds?: number;
  signal?: AbortSignal | undefined;
}

/** A request to the thread. */
export interface WeightsRequest {
  file: string;
  maxBytes: number;
}

/** The thread's answer. */
export type WeightsReply =
  | { weights: KerasWeights }
  | { code: FixresModelsErrorCode; message: string };

/**
 * Node 20 does not run TypeScript in workers, so tests that run from source use the built worker.
 */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/node/weights-worker.js' : './weights-worker.js',
  import.meta.url,
);

/**
 * Reads a Keras weights file (see `readKerasWeights`), an unpacked `.keras` folder, or sharded
 * weights (`.weights.json`), in a separate thread. Anything the file does to the HDF5 library ends
 * with the thread: on some damaged files the library (h5wasm 0.10) traps, on others it never
 * returns.
 *
 * @throws FixresModelsError `not-found`, `bad-weights-file`, `limit-exceeded`; the signal's reason
 * when aborted
 */
export async function readKerasWeightsFile(
  file: string,
  options: ReadKerasWeightsFileOptions = {},
): Promise<KerasWeights> {
  const { maxBytes = DEFAULT_MAX_BYTES, maxSeconds = 120, signal } = options;
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FixresModelsError('not-found', `Weights file "${file}" does not exist.`, { cause });
  });
  if (size > maxBytes)
    throw new FixresModelsError(
      'limit-exceeded',
      `Weights file "${file}" has ${size} bytes; ${maxBytes} are allowed.`,
    );
  const request: WeightsRequest = { file, maxBytes };
  const reply = (await answerOfThread(workerUrl, request, {
    where: `Weights file "${file}"`,
    maxSeconds,
    signal,
  })) as WeightsReply;
  if ('code' in reply) throw new FixresModelsError(reply.code, reply.message);
  return reply.weights;
}
