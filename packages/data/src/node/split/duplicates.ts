import { type Example, haveSameLabels } from '../dataset/dataset.ts';
import type { Split } from './split.ts';

/** Number of pairs that a warning names. */
const NAMED = 5;

/** A train image that is also held out, under another name. */
export interface DuplicatePair {
  train: Example;
  heldOut: Example;
}

/**
 * Groups of two or more images with the same pixels, in the examples' order. A scaled or re-encoded
 * picture has other pixels and is not found.
 *
 * @param digests of the examples, from `ImageLoader.inspect`; examples without one are skipped
 */
export function duplicateGroups(
  examples: readonly Example[],
  digests: readonly (string | undefined)[],
): Example[][] {
  const groups = new Map<string, Example[]>();
  for (const [i, example] of examples.entries()) {
    const digest = digests[i];
    if (digest === undefined) continue;
    const group = groups.get(digest);
    if (group) group.push(example);
    else groups.set(digest, [example]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * The images in both parts of a split, each held-out image once: the model is evaluated on images
 * that it was trained on. Held-out accuracy is too high by up to their share.
 *
 * @param groups from {@link duplicateGroups}, for all examples of the split
 */
export function duplicatesAcross(
  { train, heldOut }: Split,
  groups: readonly (readonly Example[])[],
): DuplicatePair[] {
  const trainIds = new Set(train.map(({ id }) => id));
  const heldOutIds = new Set(heldOut.map(({ id }) => id));
  return groups.flatMap((group) => {
    const seen = group.find(({ id }) => trainIds.has(id));
    return seen
      ? group
          .filter(({ id }) => heldOutIds.has(id))
          .map((example) => ({ train: seen, heldOut: example }))
      : [];
  });
}

/** The warning about duplicates across a split; undefined if there are none. */
export function duplicateWarning(pairs: readonly DuplicatePair[]): string | undefined {
  if (pairs.length === 0) return undefined;
  const named = pairs.slice(0, NAMED).map(({ train, heldOut }) => {
    const differ = haveSameLabels(train, heldOut) ? '' : ' (with different labels)';
    return `${heldOut.id} = ${train.id}${differ}`;
  });
  const rest = pairs.length > NAMED ? `, and ${pairs.length - NAMED} more` : '';
  const [are, images] = pairs.length === 1 ? ['is', 'image'] : ['are', 'images'];
  return `${pairs.length} held-out ${images} ${are} among the training images as well, pixel by pixel: ${named.join(', ')}${rest}.`;
}
