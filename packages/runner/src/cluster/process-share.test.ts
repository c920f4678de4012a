import { sampledOrder } from '@fixres/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageSource } from '../images/image-source.ts';
import { processShare, requireDivisible, shareSizes } from './process-share.ts';

/** Only the order of the images counts here. */
function sourceOf(size: number): ImageSource {
  return {
    size,
    async *batches({ batchSize, seed, epoch, position = 0, share }) {
      const { indices } = sampledOrder(
        share === undefined ? { kind: 'shuffled' } : { kind: 'rank-strided', ...share },
        size,
        { seed, epoch, position },
      );
      for (let from = 0; from < indices.length; from += batchSize) {
        const chosen = indices.slice(from, from + batchSize);
        yield await Promise.resolve({
          pixels: new Uint8Array(0),
          shape: [chosen.length, 1, 1, 3],
          labels: new Int32Array(chosen.length),
          indices: chosen,
        });
      }
    },
  };
}

async function batchesOf(
  source: ImageSource,
  batchSize: number,
  position = 0,
): Promise<number[][]> {
  const batches: number[][] = [];
  const pass = { batchSize, position, seed: 3, epoch: 1, shuffle: true };
  for await (const { indices } of source.batches({ ...pass, policy: undefined as never }))
    batches.push([...indices]);
  return batches;
}

describe('processShare', () => {
  it('gives the processes together the batches of one, from any step, with equally many steps', async () => {
    const parts = fc.record({
      ranks: fc.integer({ min: 1, max: 5 }),
      perRank: fc.integer({ min: 1, max: 4 }),
      images: fc.integer({ min: 1, max: 50 }),
      step: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(parts, async ({ ranks, perRank, images, step }) => {
        const batchSize = ranks * perRank;
        const source = sourceOf(images);
        const position = Math.min(step, Math.ceil(images / batchSize) - 1) * batchSize;
        const alone = await batchesOf(source, batchSize, position);
        const shares = await Promise.all(
          Array.from({ length: ranks }, (_, rank) =>
            batchesOf(processShare(source, { rank, ranks }), batchSize, position),
          ),
        );
        for (const share of shares) expect(share).toHaveLength(alone.length);
        for (const [i, batch] of alone.entries()) {
          const together = shares.flatMap((share) => share[i]!);
          // The last batch is filled up with the first images.
          expect(together.length).toBe(Math.ceil(batch.length / ranks) * ranks);
          expect(together).toEqual(expect.arrayContaining(batch));
          expect([...batch, ...together].every((index) => index < images)).toBe(true);
        }
        expect(new Set(shares.flatMap((share) => share.map(({ length }) => length)))).toEqual(
          new Set(shareSizes(images - position, batchSize, ranks)),
        );
      }),
    );
  });

  it('refuses a batch that cannot be shared', () => {
    expect(() => requireDivisible(12, 4)).not.toThrow();
    expect(() => requireDivisible(10, 4)).toThrow(
      'Option "batchSize" is 10; with 4 processes, which share each batch, it must be a multiple of 4.',
    );
  });
});
