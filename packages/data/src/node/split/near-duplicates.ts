import type { Example } from '../dataset/dataset.ts';
import { hashDistance, type PerceptualHash } from './perceptual-hash.ts';
import type { Split } from './split.ts';

/** Two images that look the same. */
export interface NearDuplicate {
  a: Example;
  b: Example;
  /** Number of bits in which their perceptual hashes differ. */
  distance: number;
}

/**
 * Pairs of images whose perceptual hashes differ in few bits: the same picture in another size,
 * quality or file format, or the next photo of a series.
 *
 * Each hash is divided into `most + 1` parts. Hashes that differ in at most `most` bits agree in
 * one of them, so only images with an equal part are compared.
 *
 * @param hashes of the examples; images without one are skipped
 * @param most largest number of different bits, 0 to 15
 * @returns each pair once, the nearest first, then in the examples' order
 */
export function nearDuplicates(
  examples: readonly Example[],
  hashes: readonly (PerceptualHash | undefined)[],
  most: number,
): NearDuplicate[] {
  const parts = most + 1;
  const pairs: { i: number; j: number; distance: number }[] = [];
  for (let part = 0; part < parts; part++) {
    const groups = new Map<string, number[]>();
    for (const [i, hash] of hashes.entries()) {
      if (hash === undefined) continue;
      const key = partOf(hash, part, parts);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [i]);
      else {
        for (const earlier of group) {
          const other = hashes[earlier]!;
          const distance = hashDistance(other, hash);
          if (distance <= most && firstEqualPart(other, hash, parts) === part)
            pairs.push({ i: earlier, j: i, distance });
        }
        group.push(i);
      }
    }
  }
  return pairs
    .sort((x, y) => x.distance - y.distance || x.i - y.i || x.j - y.j)
    .map(({ i, j, distance }) => ({ a: examples[i]!, b: examples[j]!, distance }));
}

function partOf([high, low]: PerceptualHash, part: number, parts: number): string {
  const bits = high.toString(2).padStart(32, '0') + low.toString(2).padStart(32, '0');
  return bits.slice(Math.floor((part * 64) / parts), Math.floor(((part + 1) * 64) / parts));
}

function firstEqualPart(a: PerceptualHash, b: PerceptualHash, parts: number): number {
  let part = 0;
  while (partOf(a, part, parts) !== partOf(b, part, parts)) part++;
  return part;
}

/** What near-duplicates mean for a data set. */
export interface Leaks {
  /** One image is trained on, the other is held out: `a` is the training image. */
  acrossSplit: NearDuplicate[];
  /** The images have different classes, so at least one label is wrong or both objects are shown. */
  acrossClasses: NearDuplicate[];
  /** Number of different held-out images that look like a training image. */
  heldOutImages: number;
}

/** Sorts near-duplicates by what they mean; a pair can be in both lists. */
export function leaksOf({ train, heldOut }: Split, pairs: readonly NearDuplicate[]): Leaks {
  const trainIds = new Set(train.map(({ id }) => id));
  const heldOutIds = new Set(heldOut.map(({ id }) => id));
  const acrossSplit = pairs.flatMap((pair) => {
    const { a, b } = pair;
    if (trainIds.has(a.id) && heldOutIds.has(b.id)) return [pair];
    return trainIds.has(b.id) && heldOutIds.has(a.id) ? [{ ...pair, a: b, b: a }] : [];
  });
  return {
    acrossSplit,
    acrossClasses: pairs.filter(({ a, b }) => a.label !== b.label),
    heldOutImages: new Set(acrossSplit.map(({ b }) => b.id)).size,
  };
}
