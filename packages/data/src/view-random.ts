import { createRandom, type Random } from './rng.ts';

/**
 * The stream from which a loader draws an image's view. It depends only on these arguments, so
 * views can be computed without any image.
 *
 * @param index position of the image among the examples
 * @param copy number of the image's copy if an epoch repeats it; the first copy has the same
 * address as without repeats
 */
export function viewRandom(seed: number, epoch: number, index: number, copy = 0): Random {
  return copy === 0
    ? createRandom(seed, 'view', epoch, index)
    : createRandom(seed, 'view', epoch, index, copy);
}
