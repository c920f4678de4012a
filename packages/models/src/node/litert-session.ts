import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FixresModelsError } from '../errors.ts';

/** Inputs of one run, for the thread. */
export interface LiteRtRequest {
  id: number;
  inputs: readonly Float32Array[];
}

/** The thread's answer; that with number 0 states whether the model was opened. */
export type LiteRtReply = { id: number } & ({ outputs: Float32Array[] } | { message: string });

/** A `.tflite` file in LiteRT. */
export interface TfliteSession {
  /** Version of the package `@litertjs/core`. */
  version: string;
  /**
   * Runs the model once.
   *
   * @param inputs float32, in the order of the model's inputs; shapes are those in the file
   * @returns all outputs
   * @throws FixresModelsError `unsupported-model` if LiteRT fails
   */
  run(inputs: readonly Float32Array[]): Promise<Float32Array[]>;
  /** Ends its thread. */
  close(): Promise<void>;
}

/** Node 20 does not run TypeScript in workers, so tests that run from source use the built worker. */
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/node/litert-worker.js' : './litert-worker.js',
  import.meta.url,
);

/**
 * Opens a `.tflite` model in LiteRT's WebAssembly, in a thread of its own: LiteRT prints, sets
 * global variables, and a damaged file may trap.
 *
 * @param model bytes of the file; inputs and outputs are float32
 * @param from a file or folder whose Node packages are searched for `@litertjs/core`
 * @throws FixresModelsError `unsupported-model` if LiteRT cannot open it; an error with code
 * `MODULE_NOT_FOUND` without the package
 */
export async function openTflite(model: Uint8Array, from: string | URL): Promise<TfliteSession> {
  const packageFile = createRequire(from).resolve('@litertjs/core/package.json');
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  const thread = new Worker(workerUrl, {
    workerData: { folder: dirname(packageFile), model },
    // Where its messages would go; nobody reads them.
    stdout: true,
    stderr: true,
  });
  const failed = (why: string): FixresModelsError =>
    new FixresModelsError('unsupported-model', `LiteRT ${version} ${why}.`);
  const waiting = new Map<
    number,
    { resolve: (outputs: Float32Array[]) => void; reject: (error: Error) => void }
  >();
  const answer = (id: number): Promise<Float32Array[]> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  const end = (why: string): void => {
    for (const { reject } of waiting.values()) reject(failed(why));
    waiting.clear();
  };
  thread.on('message', (reply: LiteRtReply) => {
    const { resolve, reject } = waiting.get(reply.id)!;
    waiting.delete(reply.id);
    if ('outputs' in reply) resolve(reply.outputs);
    else reject(failed(`refuses the model: ${reply.message.split('\n')[0]!.replace(/\.$/, '')}`));
  });
  thread.on('error', (error) => end(`failed: ${error.message.split('\n')[0]}`));
  thread.on('exit', () => end('ended'));
  try {
    await answer(0);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  let id = 0;
  return {
    version,
    run: (inputs) => {
      id += 1;
      const outputs = answer(id);
      thread.postMessage({ id, inputs } satisfies LiteRtRequest);
      return outputs;
    },
    close: async () => {
      await thread.terminate();
    },
  };
}
