import type { Random } from './rng.ts';

/**
 * The numbers 0 .. n-1 in uniformly random order (Fisher-Yates). Used to shuffle examples, not
 * batches, so each epoch forms new batches.
 */
export function shuffledIndices(n: number, random: Random): Uint32Array {
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}
