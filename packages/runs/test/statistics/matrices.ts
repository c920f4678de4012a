import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import type { CorrectnessMatrix } from '../../src/statistics/correctness-matrix.ts';

/** Any two matrices of the same shape, up to 4 seeds and 40 images. */
export const matrixPairs: fc.Arbitrary<[CorrectnessMatrix, CorrectnessMatrix]> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }))
  .chain(([seeds, images]) => {
    const matrix = fc.array(
      fc.uint8Array({ min: 0, max: 1, minLength: images, maxLength: images }),
      {
        minLength: seeds,
        maxLength: seeds,
      },
    );
    return fc.tuple(matrix, matrix);
  });

export interface Population {
  seeds: number;
  images: number;
  /** Probability that only `a` is right, that only `b` is, and that both are. */
  onlyA: number;
  onlyB: number;
  both: number;
}

/** Two classifiers drawn from a population; images and seeds are independent. */
export function drawPair(p: Population, seed: number): [Uint8Array[], Uint8Array[]] {
  const random = createRandom(seed, 'population');
  const a = Array.from({ length: p.seeds }, () => new Uint8Array(p.images));
  const b = Array.from({ length: p.seeds }, () => new Uint8Array(p.images));
  for (let s = 0; s < p.seeds; s++) {
    for (let i = 0; i < p.images; i++) {
      const u = random.next();
      a[s]![i] = u < p.onlyA || (u >= p.onlyA + p.onlyB && u < p.onlyA + p.onlyB + p.both) ? 1 : 0;
      b[s]![i] = u >= p.onlyA && u < p.onlyA + p.onlyB + p.both ? 1 : 0;
    }
  }
  return [a, b];
}

/** Fraction of `trials` draws for which a condition is true. */
export function share(trials: number, holds: (trial: number) => boolean): number {
  let count = 0;
  for (let trial = 0; trial < trials; trial++) if (holds(trial)) count++;
  return count / trials;
}
