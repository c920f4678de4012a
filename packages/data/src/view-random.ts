import { createRandom, type Random } from './rng.ts';

/**
 * The stream from which a loader draws an image's view. It depends on nothing else, so views can be told without any image.
 *
 * @param index position of the image among the examples
 * @param copy which of the image's copies, where an epoch repeats it; the first has the address that it has without repeats
 */
export function viewRandom(seed: number, epoch: number, index: number, copy = 0): Random {
  return copy === 0
    ? createRandom(seed, 'view', epoch, index)
    : createRandom(seed, 'view', epoch, index, copy);
}
