import { type Example, type Inspection, nearDuplicates, readImageHeaders } from '@fixres/data/node';
import type { Capture, LookAlikes } from '@fixres/data/node';
import type { PreparationListeners } from '../session/session-listeners.ts';

/**
 * Largest number of bits of 64 in which perceptual hashes of the same picture differ. On photos it
 * finds scaled and re-encoded copies, and few other pairs; see docs/datasets.md.
 */
export const LOOK_ALIKE_BITS = 6;

export interface FindLookAlikesOptions {
  /** Perceptual hashes of the examples, from `ImageLoader.inspect`. */
  hashes: Inspection['hashes'];
  /** Largest number of different bits. Default {@link LOOK_ALIKE_BITS}. */
  distance?: number;
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Finds which images look the same, and when photos were taken.
 *
 * @throws FixresDataError `limit-exceeded` for more than a million pairs
 */
export async function findLookAlikes(
  examples: readonly Example[],
  { hashes, distance = LOOK_ALIKE_BITS, on, signal }: FindLookAlikesOptions,
): Promise<LookAlikes> {
  const onProgress = (read: number): void =>
    on.progress?.(`Reading times of photos: ${read} of ${examples.length}`);
  const { headers } = await readImageHeaders(examples, { onProgress, signal });
  const captures = new Map<string, Capture>();
  for (const [i, header] of headers.entries())
    if (header?.capture) captures.set(examples[i]!.id, header.capture);
  return { pairs: nearDuplicates(examples, hashes, distance), captures };
}
