import { inHashOrder } from '../dataset/dataset-subset.ts';
import type { Example } from '../dataset/dataset.ts';
import { fittingGroups, keptTogether } from './kept-together.ts';

/** Training images in two parts that have no image in common. */
export interface HeldBack {
  train: Example[];
  heldBack: Example[];
}

/**
 * Holds training images back from training: the first in hash order. Images of one `group` and images
 * with the same pixels stay together, because a model that is trained on one of them knows the others:
 * in the order of the hash of the group's name, each group is held back that fits into what remains to
 * be held back; the smallest, if none fits.
 *
 * @param count images to hold back, at least 1; groups can make it fewer, or more if none fits
 * @param duplicates images with the same pixels, from `duplicateGroups`
 */
export function holdBack(
  images: readonly Example[],
  count: number,
  duplicates: readonly (readonly Example[])[] = [],
): HeldBack {
  const groups = fittingGroups(keptTogether(inHashOrder(images), duplicates), count);
  const ids = new Set([...groups].flat().map(({ id }) => id));
  return {
    train: images.filter(({ id }) => !ids.has(id)),
    heldBack: images.filter(({ id }) => ids.has(id)),
  };
}
