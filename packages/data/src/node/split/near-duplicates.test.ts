import { readFileSync } from 'node:fs';
import { flowersArchive, samplePhotos } from '@fixres/testing';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import type { Example } from '../dataset/dataset.ts';
import { ImageLoader } from '../loader/image-loader.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { leaksOf } from './leaks.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { hashDistance, perceptualHash, type PerceptualHash } from './perceptual-hash.ts';

/**
 * The pairs of the 3,670 flower photos whose hashes differ in at most 12 bits and that show one scene,
 * with their distance at 208 pixels. All 124 pairs at 12 bits or less were looked at.
 */
const flowerPairs = JSON.parse(
  readFileSync(new URL('../../fixtures/flower-look-alikes.json', import.meta.url), 'utf8'),
) as [string, string, number][];

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/perceptual-hashes.json', import.meta.url), 'utf8'),
) as { hashes: Record<string, string> };

let loader: ImageLoader;
beforeAll(() => {
  loader = new ImageLoader({ threads: 2 });
});
afterAll(() => loader.close());

async function hashesOf(examples: readonly Example[]): Promise<(PerceptualHash | undefined)[]> {
  return (await loader.inspect(examples)).hashes;
}

const word = (hex: string): number => Number.parseInt(hex, 16);

describe('perceptualHash', () => {
  it("differs from imagehash's in at most 2 bits on photos", async () => {
    const { examples } = await openDataset(samplePhotos, { cacheFolder: samplePhotos });
    const hashes = await hashesOf(examples);
    const distances = examples.map(({ id }, i) => {
      const hex = fixture.hashes[id]!;
      return hashDistance(hashes[i]!, [word(hex.slice(0, 8)), word(hex.slice(8))]);
    });
    expect(distances).toHaveLength(40);
    expect(Math.max(...distances)).toBeLessThanOrEqual(2);
  });

  it('is undefined without contrast', () => {
    expect(perceptualHash(new Uint8Array(3072).fill(200))).toBeUndefined();
    const line = new Uint8Array(3072).fill(200);
    line.fill(230, 0, 96);
    expect(perceptualHash(line)).toBeDefined();
  });
});

describe('nearDuplicates', () => {
  const example = (i: number, label = 0): Example => ({
    id: `c${label}/${i}.jpg`,
    label,
    source: { file: '', start: 0, length: 0, compression: 'none', inflatedLength: 0 },
  });
  const bits = fc.integer({ min: 0, max: 0xffffffff });

  it('are all pairs within the distance, each once', () => {
    const hash = fc.tuple(bits, bits);
    // Copies with some bits changed, so that there are near pairs.
    const hashes = fc
      .array(fc.tuple(hash, fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 9 })), {
        maxLength: 12,
      })
      .map((list) =>
        list.flatMap(([[high, low], flips]): PerceptualHash[] => {
          const changed = [high, low] as [number, number];
          for (const bit of flips) changed[bit >> 5]! ^= 1 << (bit & 31);
          return [
            [high, low],
            [changed[0] >>> 0, changed[1] >>> 0],
          ];
        }),
      );
    fc.assert(
      fc.property(hashes, fc.integer({ min: 0, max: 8 }), (list, most) => {
        const examples = list.map((_, i) => example(i));
        const found = nearDuplicates(examples, list, most).map(({ a, b }) => `${a} ${b}`);
        const expected = list.flatMap((x, i) =>
          list.flatMap((y, j) =>
            i < j && hashDistance(x, y) <= most ? [`${examples[i]!.id} ${examples[j]!.id}`] : [],
          ),
        );
        expect(found.toSorted()).toEqual(expected.toSorted());
      }),
    );
    expect(nearDuplicates([example(0), example(1)], [[1, 2], undefined], 15)).toEqual([]);
    const same = Array.from({ length: 1416 }, (_, i) => example(i));
    const alike = same.map((): PerceptualHash => [1, 2]);
    expect(() => nearDuplicates(same, alike, 0)).toThrow('More than 1000000 pairs'); // 1416 · 1415 / 2
  });

  it('are copies in another size, quality or format, and no other photos', async () => {
    const photos = Object.keys(fixture.hashes).slice(0, 8);
    const files: Record<string, Buffer> = {};
    for (const [i, name] of photos.entries()) {
      const bytes = readFileSync(`${samplePhotos}/${name}`);
      files[`a/${i}.jpg`] = bytes;
      files[`b/${i}.png`] = await sharp(bytes).autoOrient().resize(150).png().toBuffer();
      files[`b/${i}.jpg`] = await sharp(bytes)
        .autoOrient()
        .modulate({ brightness: 1.1 })
        .jpeg({ quality: 30 })
        .toBuffer();
    }
    const folder = await writeFolder(await temporaryFolder(), files);
    const { examples } = await openDataset(folder, { cacheFolder: folder });
    const pairs = nearDuplicates(examples, await hashesOf(examples), 6);
    const number = (id: string): string => /\d+/.exec(id)![0];
    expect(pairs.every(({ a, b }) => number(a) === number(b))).toBe(true);
    // Three copies of each make three pairs.
    expect(pairs).toHaveLength(24);
    const heldOut = examples.filter(({ id }) => id.endsWith('.png'));
    const train = examples.filter(({ id }) => !id.endsWith('.png'));
    const leaks = leaksOf({ train, heldOut }, { pairs, captures: new Map() });
    expect(leaks.acrossSplit).toHaveLength(16);
    expect(leaks.acrossSplit.every(({ a, b }) => !a.endsWith('.png') && b.endsWith('.png'))).toBe(
      true,
    );
    expect(leaks.trainIds).toEqual(new Set(train.map(({ id }) => id)));
    expect(leaks.heldOutImages).toBe(8);
    expect(leaks.acrossClasses).toHaveLength(16);
  });

  it('of the flower photos are those that show one scene', { tags: 'flowers' }, async () => {
    const dataset = await openDataset(flowersArchive(), { cacheFolder: await temporaryFolder() });
    const { hashes } = await loader.inspect(dataset.examples);
    const found = nearDuplicates(dataset.examples, hashes, 6);
    const isSame = new Set(flowerPairs.map(([a, b]) => `${a} ${b}`));
    // Of those at 6 bits or less, all are; further away, most are not.
    for (const { a, b } of found) expect(isSame, `${a} ${b}`).toContain(`${a} ${b}`);
    expect(found).toHaveLength(flowerPairs.filter(([, , distance]) => distance <= 6).length);
    const further = nearDuplicates(dataset.examples, hashes, 12);
    expect(further.filter(({ a, b }) => isSame.has(`${a} ${b}`))).toHaveLength(flowerPairs.length);
    expect(further.length).toBeGreaterThan(3 * flowerPairs.length);
  });
});
