import { parentPort, workerData } from 'node:worker_threads';
import { FixresModelsError } from '../errors.ts';
import type { WeightsReply, WeightsRequest } from './read-keras-weights-file.ts';
import { readWeightsPlace } from './read-weights-place.ts';

// The thread of readKerasWeightsFile: reads one file, transfers its arrays without copying, and
// exits.
const { file, maxBytes } = workerData as WeightsRequest;
try {
  const weights = await readWeightsPlace(file, maxBytes);
  const buffers = new Set(
    weights.layers.flatMap(({ arrays }) => arrays.map(({ values }) => values.buffer)),
  );
  post({ weights }, [...buffers]);
} catch (error) {
  if (!(error instanceof FixresModelsError)) throw error;
  post({ code: error.code, message: error.message });
}

function post(reply: WeightsReply, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(reply, transfer);
}
