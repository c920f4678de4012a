import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { Size } from '../geometry/view.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import { type Drawing, drawingOf } from '../policies/policy.ts';
import { viewRandom } from '../view-random.ts';
import { decodeImage } from './decode-image.ts';
import { decodeShrunk } from './decode-shrunk.ts';
import { drawWithSharp } from './draw-with-sharp.ts';
import { ImageCache } from './image-cache.ts';
import { pixelDigest } from './pixel-digest.ts';
import { SourceReader } from './source-reader.ts';
import type { CheckItem, ImageFailure, WorkerReply, WorkerRequest, WorkerSetup, WorkItem } from './worker-protocol.ts';

/** Images of one batch that are read and decoded at the same time, so that decoding and resampling overlap. */
const IN_FLIGHT = 4;

// The workers are the threads; more inside libvips would only fight over the cores.
sharp.concurrency(1);
sharp.cache(false);

const { images, limits } = workerData as WorkerSetup;
const cache = images && new ImageCache(images);
const reader = new SourceReader(limits);

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then(({ reply, transfer }) => parentPort?.postMessage(reply, transfer));
});

async function answer(request: WorkerRequest): Promise<{ reply: WorkerReply; transfer: ArrayBuffer[] }> {
  const { job } = request;
  try {
    if (request.type === 'check') {
      return { reply: { type: 'check', job, ...(await checkImages(request)) }, transfer: [] };
    }
    const pixels = await drawBatch(request);
    return { reply: { type: 'batch', job, pixels }, transfer: [pixels.buffer] };
  } catch (error) {
    const code = error instanceof FixresDataError ? error.code : undefined;
    return { reply: { type: 'error', job, code, message: (error as Error).message }, transfer: [] };
  }
}

async function drawBatch(request: WorkerRequest & { type: 'batch' }): Promise<Uint8Array<ArrayBuffer>> {
  const { policy, seed, epoch, items, into } = request;
  const imageLength = policy.output.width * policy.output.height * 3;
  const pixels = into ? new Uint8Array(into) : new Uint8Array(items.length * imageLength);
  await inParallel(items, async (item, i) => {
    const draw = (size: Size): Drawing => drawingOf(policy, size, viewRandom(seed, epoch, item.index, item.copy));
    const { image, drawing } = policy.shrinkOnLoad
      ? await decodeShrunk(await reader.read(item.source), item.id, draw, limits)
      : await loadDrawing(item, draw);
    await drawWithSharp(image, drawing, pixels.subarray(i * imageLength, (i + 1) * imageLength));
  });
  return pixels;
}

async function loadDrawing(item: WorkItem, draw: (size: Size) => Drawing): Promise<{ image: RgbImage; drawing: Drawing }> {
  const image = await loadImage(item);
  return { image, drawing: draw(image) };
}

async function loadImage({ id, source, slot }: CheckItem): Promise<RgbImage> {
  const kept = slot === undefined ? undefined : cache?.get(slot);
  if (kept) return kept;
  const image = await decodeImage(await reader.read(source), id, limits);
  if (slot !== undefined) cache?.put(slot, image);
  return image;
}

async function checkImages({ items }: WorkerRequest & { type: 'check' }): Promise<{ failures: ImageFailure[]; digests: (string | undefined)[] }> {
  const failures: ImageFailure[] = [];
  const digests = new Array<string | undefined>(items.length);
  await inParallel(items, async (item, i) => {
    try {
      digests[i] = pixelDigest(await loadImage(item));
    } catch (error) {
      if (!(error instanceof FixresDataError)) throw error;
      failures.push({ id: item.id, code: error.code, message: error.message });
    }
  });
  return { failures, digests };
}

async function inParallel<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i]!, i);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}
