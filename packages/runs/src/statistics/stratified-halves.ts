import { createRandom, shuffledIndices } from '@fixres/data';

/** Positions of images in two disjoint parts. */
export interface Halves {
  choosing: number[];
  confirming: number[];
}

/**
 * Divides the images into two halves, class by class, so that each class is divided evenly and the
 * sizes differ by at most one. The half of an image follows from the names and the seed, not from
 * the order of the images.
 *
 * @param ids unique names of the images
 * @param labels class numbers, in the same order; of multi-label images, numbers of their sets of labels
 */
export function stratifiedHalves(
  ids: readonly string[],
  labels: ArrayLike<number>,
  seed: number,
): Halves {
  const byName = Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  const classes = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const dealt = classes.flatMap((label) => {
    const ofClass = byName.filter((image) => labels[image] === label);
    return Array.from(
      shuffledIndices(ofClass.length, createRandom(seed, 'halves', label)),
      (i) => ofClass[i]!,
    );
  });
  const half = (part: number): number[] =>
    dealt.filter((_, i) => i % 2 === part).sort((a, b) => a - b);
  return { choosing: half(0), confirming: half(1) };
}
