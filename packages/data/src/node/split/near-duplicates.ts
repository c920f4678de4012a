import { FixresDataError } from '../../errors.ts';
import type { Example } from '../dataset/dataset.ts';
import type { NearDuplicate } from '../dataset/look-alikes.ts';
import { hashDistance, type PerceptualHash } from './perceptual-hash.ts';

/** More pairs are not a data set with copies, but one of pictures that all look alike. */
const MOST_PAIRS = 1_000_000;

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
 * @throws FixresDataError `limit-exceeded` for more than a million pairs
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
          if (distance > most || firstEqualPart(other, hash, parts) !== part) continue;
          if (pairs.length === MOST_PAIRS) {
            const message = `More than ${MOST_PAIRS} pairs of images have perceptual hashes that differ in at most ${most} bits, so the hash does not tell these images apart.`;
            throw new FixresDataError('limit-exceeded', message);
          }
          pairs.push({ i: earlier, j: i, distance });
        }
        group.push(i);
      }
    }
  }
  return pairs
    .sort((x, y) => x.distance - y.distance || x.i - y.i || x.j - y.j)
    .map(({ i, j, distance }) => ({ a: examples[i]!.id, b: examples[j]!.id, distance }));
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
