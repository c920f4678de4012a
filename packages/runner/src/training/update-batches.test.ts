import { resize } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { processShare } from '../cluster/process-share.ts';
import { updateBatches } from './update-batches.ts';

const pass = { policy: resize(8), seed: 1, epoch: 2, shuffle: true };

/** Copies, because a batch is valid until the next one. */
async function all(batches: AsyncIterable<ImageBatch>): Promise<ImageBatch[]> {
  const copies: ImageBatch[] = [];
  for await (const batch of batches)
    copies.push({ ...structuredClone(batch), pixels: batch.pixels.slice() });
  return copies;
}

describe('updateBatches', () => {
  it.each([0, 8])(
    'are those of a source with large batches, from position %d',
    async (position) => {
      const released: number[] = [];
      const source: ImageSource = {
        ...smallImages(21, 1),
        release: ({ labels, pixels }) => {
          released.push(labels.length);
          // The memory is used again at once.
          pixels.fill(0);
        },
      };
      const large = await all(smallImages(21, 1).batches({ ...pass, batchSize: 8, position }));
      const gathered = await all(updateBatches(source, { ...pass, batchSize: 2, position }, 4));
      expect(gathered).toEqual(large);
      expect(released.reduce((sum, n) => sum + n, 0)).toBe(21 - position);
      expect(Math.max(...released)).toBe(2);
    },
  );

  it('of several processes are together those of one', async () => {
    const whole = { ...pass, batchSize: 4 };
    const alone = await all(updateBatches(smallImages(21, 1), whole, 2));
    const shares = await Promise.all(
      [0, 1].map(async (rank) =>
        all(updateBatches(processShare(smallImages(21, 1), { rank, ranks: 2 }), whole, 2)),
      ),
    );
    const images = shares[0]!.map((_, update) =>
      shares.flatMap((updates) => [...updates[update]!.indices]).sort((a, b) => a - b),
    );
    const expected = alone.map(({ indices }) => [...indices].sort((a, b) => a - b));
    // 21 is odd, so the first image of the pass is there again.
    expected.at(-1)!.push(alone[0]!.indices[0]!);
    expect(images).toEqual(expected.map((each) => each.sort((a, b) => a - b)));
  });

  it('gather features and targets too', async () => {
    const source: ImageSource = {
      size: 5,
      async *batches() {
        for (const images of [2, 2, 1]) {
          await Promise.resolve();
          const numbers = (length: number, from: number) =>
            Float32Array.from({ length }, (_, i) => from + i);
          yield {
            pixels: new Uint8Array(0),
            shape: [images, 0, 0, 3],
            labels: new Int32Array(images).fill(images),
            indices: new Uint32Array(images),
            targets: numbers(2 * images, 0),
            features: { values: numbers(3 * images, 10), shape: [images, 3] },
          };
        }
      },
    };
    const [first, second] = await all(updateBatches(source, { ...pass, batchSize: 2 }, 2));
    expect(first).toMatchObject({
      shape: [4, 0, 0, 3],
      labels: Int32Array.of(2, 2, 2, 2),
      targets: Float32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
      features: {
        values: Float32Array.of(10, 11, 12, 13, 14, 15, 10, 11, 12, 13, 14, 15),
        shape: [4, 3],
      },
    });
    expect(second!.features).toEqual({ values: Float32Array.of(10, 11, 12), shape: [1, 3] });
  });
});
