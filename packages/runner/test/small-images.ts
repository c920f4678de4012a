import { createRandom, sampledOrder } from '@fixres/data';
import type { ImageBatch, ImageSource } from '../src/index.ts';

/**
 * Images of two classes, brighter at the top or at the bottom, with noise: learnt in a few steps,
 * without a file.
 */
export function smallImages(count: number, seed: number): ImageSource {
  // Each image is drawn once at each size, because most trainings show it several times.
  const drawn = new Map<string, Uint8Array>();
  const imageOf = (index: number, width: number, height: number): Uint8Array => {
    const key = `${index} ${width} ${height}`;
    let pixels = drawn.get(key);
    if (pixels === undefined) {
      pixels = drawImage(index, { seed, width, height });
      drawn.set(key, pixels);
    }
    return pixels;
  };
  return {
    size: count,
    async *batches({
      policy,
      batchSize,
      seed: runSeed,
      epoch,
      shuffle,
      position = 0,
      share,
    }): AsyncGenerator<ImageBatch> {
      const { width, height } = policy.output;
      const order = share === undefined ? 'shuffled' : 'rank-strided';
      const { indices: all } = shuffle
        ? sampledOrder({ kind: order, ...share! }, count, { seed: runSeed, epoch, position })
        : { indices: Uint32Array.from({ length: count - position }, (_, i) => position + i) };
      for (let from = 0; from < all.length; from += batchSize) {
        const indices = all.slice(from, from + batchSize);
        const pixels = new Uint8Array(indices.length * width * height * 3);
        indices.forEach((index, i) =>
          pixels.set(imageOf(index, width, height), i * height * width * 3),
        );
        await Promise.resolve();
        yield {
          pixels,
          shape: [indices.length, height, width, 3],
          labels: Int32Array.from(indices, (index) => index % 2),
          indices,
        };
      }
    },
  };
}

function drawImage(
  index: number,
  { seed, width, height }: { seed: number; width: number; height: number },
): Uint8Array {
  const noise = createRandom(seed, 'image', index);
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const level = y < height / 2 === (index % 2 === 0) ? 170 : 90;
    for (let x = 0; x < width * 3; x++) pixels[y * width * 3 + x] = level + noise.uniform(-40, 40);
  }
  return pixels;
}
