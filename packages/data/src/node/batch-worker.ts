import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import { drawingOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { readBytes } from './byte-source.ts';
import { decodeImage } from './decode-image.ts';
import { drawWithSharp } from './draw-with-sharp.ts';
import type { ImageFailure, WorkerReply, WorkerRequest } from './worker-protocol.ts';

/** Images of one batch that are read and decoded at the same time, so that decoding and resampling overlap. */
const IN_FLIGHT = 4;

// The workers are the threads; more inside libvips would only fight over the cores.
sharp.concurrency(1);
sharp.cache(false);

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then(({ reply, transfer }) => parentPort?.postMessage(reply, transfer));
});

async function answer(request: WorkerRequest): Promise<{ reply: WorkerReply; transfer: ArrayBuffer[] }> {
  const { job } = request;
  try {
    if (request.type === 'check') {
      return { reply: { type: 'check', job, failures: await checkImages(request) }, transfer: [] };
    }
    const pixels = await drawBatch(request);
    return { reply: { type: 'batch', job, pixels }, transfer: [pixels.buffer] };
  } catch (error) {
    const code = error instanceof FixresDataError ? error.code : undefined;
    return { reply: { type: 'error', job, code, message: (error as Error).message }, transfer: [] };
  }
}

async function drawBatch(request: WorkerRequest & { type: 'batch' }): Promise<Uint8Array<ArrayBuffer>> {
  const { policy, seed, epoch, items } = request;
  const imageLength = policy.output.width * policy.output.height * 3;
  const pixels = new Uint8Array(items.length * imageLength);
  await inParallel(items, async (item, i) => {
    const image = await decodeImage(await readBytes(item.source), item.id);
    const drawing = drawingOf(policy, image, createRandom(seed, 'view', epoch, item.index));
    await drawWithSharp(image, drawing, pixels.subarray(i * imageLength, (i + 1) * imageLength));
  });
  return pixels;
}

async function checkImages(request: WorkerRequest & { type: 'check' }): Promise<ImageFailure[]> {
  const failures: ImageFailure[] = [];
  await inParallel(request.items, async ({ id, source }) => {
    try {
      await decodeImage(await readBytes(source), id);
    } catch (error) {
      if (!(error instanceof FixresDataError)) throw error;
      failures.push({ id, code: error.code, message: error.message });
    }
  });
  return failures;
}

async function inParallel<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i]!, i);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}
