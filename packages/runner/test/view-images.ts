import {
  createRandom,
  drawingOf,
  drawPixels,
  type RgbImage,
  sampledOrder,
  viewRandom,
} from '@fixres/data';
import type { ImageBatch, ImageSource } from '../src/index.ts';

/** Number of images drawn, over all sources selected from one. */
export interface Drawn {
  images: number;
  passes: number;
}

/**
 * Generated images of two classes, shown under policies, from a source that supports cached
 * features. Needs no file.
 */
export function viewImages(
  count: number,
  seed: number,
  drawn: Drawn = { images: 0, passes: 0 },
): ImageSource {
  const images = Array.from({ length: count }, (_, index) => madeImage(seed, index));
  return sourceOf(
    images,
    Int32Array.from(images.keys(), (index) => index % 2),
    drawn,
  );
}

function sourceOf(images: readonly RgbImage[], labels: Int32Array, drawn: Drawn): ImageSource {
  const order: NonNullable<ImageSource['access']>['order'] = ({ seed, epoch, shuffle }) =>
    sampledOrder({ kind: shuffle ? 'shuffled' : 'sequential' }, images.length, { seed, epoch })
      .indices;
  return {
    size: images.length,
    access: {
      labels,
      order,
      viewRandom: ({ seed, epoch }, index) => viewRandom(seed, epoch, index),
      select: (indices) =>
        sourceOf(
          Array.from(indices, (index) => images[index]!),
          Int32Array.from(indices, (index) => labels[index]!),
          drawn,
        ),
    },
    async *batches({
      policy,
      batchSize,
      seed,
      epoch,
      shuffle,
      position = 0,
      signal,
    }): AsyncGenerator<ImageBatch> {
      drawn.passes += 1;
      const all = order({ seed, epoch, shuffle });
      const { width, height } = policy.output;
      for (let from = position; from < images.length; from += batchSize) {
        signal?.throwIfAborted();
        const indices = all.slice(from, from + batchSize);
        const pixels = new Uint8Array(indices.length * height * width * 3);
        indices.forEach((index, i) => {
          const drawing = drawingOf(policy, images[index]!, viewRandom(seed, epoch, index));
          drawPixels(
            images[index]!,
            drawing,
            pixels.subarray(i * height * width * 3, (i + 1) * height * width * 3),
          );
        });
        drawn.images += indices.length;
        await Promise.resolve();
        yield {
          pixels,
          shape: [indices.length, height, width, 3],
          labels: Int32Array.from(indices, (index) => labels[index]!),
          indices,
        };
      }
    },
  };
}

/**
 * Brighter at the top or bottom by class, brighter to the left, with noise: mirroring changes it.
 */
function madeImage(seed: number, index: number): RgbImage {
  const [width, height] = [40, 36];
  const noise = createRandom(seed, 'image', index);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * 3; x++) {
      const level = (y < height / 2 === (index % 2 === 0) ? 150 : 80) + (x < width ? 40 : 0);
      pixels[y * width * 3 + x] = level + noise.uniform(-30, 30);
    }
  }
  return { width, height, data: pixels };
}
