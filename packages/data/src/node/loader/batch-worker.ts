import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { FixresDataError } from '../../errors.ts';
import type { Size } from '../../geometry/view.ts';
import { type Drawing, drawingOf } from '../../policies/policy.ts';
import { viewRandom } from '../../view-random.ts';
import { isImageFailure } from '../decode/image-failure.ts';
import { loadSharpBy } from '../decode/load-sharp.ts';
import { pixelDigest } from '../decode/pixel-digest.ts';
import { inLanes } from '../in-lanes.ts';
import { perceptualHashOf } from '../split/perceptual-hash.ts';
import { sharedExample } from './example-table.ts';
import { collectGarbage, WorkerImages } from './worker-images.ts';
import type {
  ImageFailure,
  ImageLook,
  WorkerJob,
  WorkerReply,
  WorkerRequest,
} from './worker-protocol.ts';

/**
 * Images of one batch that are read and decoded at the same time, so that decoding and resampling
 * overlap.
 */
const IN_FLIGHT = 4;

let mainHasSharp = (): void => undefined;
loadSharpBy(async () => {
  parentPort?.postMessage({ type: 'load-sharp' } satisfies WorkerReply);
  await new Promise<void>((loaded) => (mainHasSharp = loaded));
  const { default: sharp } = await import('sharp');
  // The workers are the threads. More threads inside libvips would only compete for the cores.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
});

/** Of the loader that this thread works for. */
let images: WorkerImages | undefined;

parentPort?.on('message', (request: WorkerRequest) => {
  if (request.type === 'sharp-loaded') mainHasSharp();
  else if (request.type === 'open') images = new WorkerImages(request.setup);
  else if (request.type === 'close') close();
  else void answer(request).then(({ reply, transfer }) => parentPort?.postMessage(reply, transfer));
});

/** Lets go of everything of a loader, whose cache may be most of the machine's memory. */
function close(): void {
  images?.close();
  images = undefined;
  // Until this message has been answered, the stack still refers to the cache.
  void setImmediate().then(collectGarbage);
}

async function answer(
  request: WorkerJob,
): Promise<{ reply: WorkerReply; transfer: ArrayBuffer[] }> {
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

async function drawBatch(request: WorkerJob & { type: 'batch' }): Promise<Uint8Array<ArrayBuffer>> {
  const { policy, seed, epoch, examples, indices, copies, into } = request;
  const imageLength = policy.output.width * policy.output.height * 3;
  const pixels = into ? new Uint8Array(into) : new Uint8Array(indices.length * imageLength);
  await inLanes(indices, IN_FLIGHT, async (index, i) => {
    const random = viewRandom(seed, epoch, index, copies[i]);
    const draw = (size: Size): Drawing => drawingOf(policy, size, random);
    await images!.draw(
      sharedExample(examples, index),
      draw,
      policy.shrinkOnLoad ?? false,
      pixels.subarray(i * imageLength, (i + 1) * imageLength),
    );
  });
  return pixels;
}

async function checkImages({ examples, from, to }: WorkerJob & { type: 'check' }): Promise<{
  failures: ImageFailure[];
  looks: (ImageLook | undefined)[];
}> {
  const failures: ImageFailure[] = [];
  const wanted = Array.from({ length: to - from }, (_, i) => from + i);
  const looks = await inLanes(wanted, IN_FLIGHT, async (index) => {
    const item = sharedExample(examples, index);
    try {
      return await images!.with(item, (image) =>
        Promise.resolve({ digest: pixelDigest(image), hash: perceptualHashOf(image) }),
      );
    } catch (error) {
      if (!isImageFailure(error)) throw error;
      failures.push({ id: item.id, code: error.code, message: error.message });
      return undefined;
    }
  });
  return { failures, looks };
}
