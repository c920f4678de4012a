import { createRandom, sampledOrder } from '@fixres/data';
import type { ImageBatch, ImageSource } from '../src/index.ts';

/**
 * Images of two classes, brighter at the top or at the bottom, with noise: learnt in a few steps,
 * without a file.
 */
export function smallImages(count: number, seed: number): ImageSource {
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
        indices.forEach((index, i) => {
          const noise = createRandom(seed, 'image', index);
          for (let y = 0; y < height; y++) {
            const level = y < height / 2 === (index % 2 === 0) ? 170 : 90;
            for (let x = 0; x < width * 3; x++)
              pixels[(i * height + y) * width * 3 + x] = level + noise.uniform(-40, 40);
          }
        });
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
