import type { Capture } from '../decode/exif-capture.ts';
import { BURST_SECONDS, type LookAlikes, type NearDuplicate } from '../dataset/look-alikes.ts';
import { type Example, type ImageDataset, labelsOf } from '../dataset/dataset.ts';
import { disjointSets } from './disjoint-sets.ts';
import type { Split } from './split.ts';

/** Two photos of one camera within a minute. */
export interface BurstPair {
  a: string;
  b: string;
  /** Time between them. */
  seconds: number;
}

/** What images that look the same mean for a split data set. */
export interface Leaks {
  /** One image is trained on, the other is held out: `a` is the training image. */
  acrossSplit: NearDuplicate[];
  /** Each held-out photo whose burst has a training photo, as `b`, with the nearest such photo as `a`. */
  bursts: BurstPair[];
  /** The images have different classes (or sets of labels), so at least one label is wrong or both objects are shown. */
  acrossClasses: NearDuplicate[];
  /** Number of different held-out images in `acrossSplit` and `bursts`. */
  heldOutImages: number;
  /** Ids of all training images that look like a held-out image or share its burst. */
  trainIds: ReadonlySet<string>;
}

/** Sorts look-alikes by what they mean; a pair can be in several lists. */
export function leaksOf({ train, heldOut }: Split, { pairs, captures }: LookAlikes): Leaks {
  // Of a multi-label image, the set of its labels.
  const labelled = (example: Example): [string, string] => [example.id, labelsOf(example).join()];
  const trainLabels = new Map(train.map(labelled));
  const heldOutLabels = new Map(heldOut.map(labelled));
  const labelOf = (id: string): string | undefined => trainLabels.get(id) ?? heldOutLabels.get(id);
  const acrossSplit = pairs.flatMap((pair) => {
    const { a, b } = pair;
    if (trainLabels.has(a) && heldOutLabels.has(b)) return [pair];
    return trainLabels.has(b) && heldOutLabels.has(a) ? [{ ...pair, a: b, b: a }] : [];
  });
  const bursts: BurstPair[] = [];
  const trainIds = new Set(acrossSplit.map(({ a }) => a));
  for (const photos of photosByCamera([...train, ...heldOut], captures)) {
    const trained = photos.filter(({ id }) => trainLabels.has(id));
    let first = 0;
    for (const { id, seconds } of photos) {
      if (!heldOutLabels.has(id)) continue;
      while (first < trained.length && trained[first]!.seconds < seconds - BURST_SECONDS) first++;
      let nearest: BurstPair | undefined;
      for (let i = first; i < trained.length; i++) {
        const { id: a, seconds: at } = trained[i]!;
        if (at > seconds + BURST_SECONDS) break;
        trainIds.add(a);
        const apart = Math.abs(at - seconds);
        if (nearest === undefined || apart < nearest.seconds)
          nearest = { a, b: id, seconds: apart };
      }
      if (nearest) bursts.push(nearest);
    }
  }
  return {
    acrossSplit,
    bursts,
    acrossClasses: pairs.filter(({ a, b }) => {
      const labels = [labelOf(a), labelOf(b)];
      return labels[0] !== undefined && labels[1] !== undefined && labels[0] !== labels[1];
    }),
    heldOutImages: new Set([...acrossSplit, ...bursts].map(({ b }) => b)).size,
    trainIds,
  };
}

/**
 * Puts images that look the same, and the photos of a burst, into one group each. Groups join: if b
 * looks like a and like c, all three are one group, named by the first of their ids.
 */
export function withLookAlikeGroups(dataset: ImageDataset, looks: LookAlikes): ImageDataset {
  const { examples } = dataset;
  const { nameOf, join } = disjointSets(examples.map(({ id }) => id));
  for (const { a, b } of looks.pairs) join(a, b);
  for (const photos of photosByCamera(examples, looks.captures))
    for (const [i, { id, seconds }] of photos.entries()) {
      const next = photos[i + 1];
      if (next && next.seconds - seconds <= BURST_SECONDS) join(id, next.id);
    }
  const sizes = new Map<string, number>();
  for (const { id } of examples) sizes.set(nameOf(id), (sizes.get(nameOf(id)) ?? 0) + 1);
  return {
    ...dataset,
    examples: examples.map((example) => {
      const name = nameOf(example.id);
      return sizes.get(name) === 1 ? example : { ...example, group: name };
    }),
  };
}

/** The photos of each camera, by time. */
function photosByCamera(
  examples: readonly Pick<Example, 'id'>[],
  captures: ReadonlyMap<string, Capture>,
): { id: string; seconds: number }[][] {
  const cameras = new Map<string, { id: string; seconds: number }[]>();
  for (const { id } of examples) {
    const capture = captures.get(id);
    if (!capture) continue;
    const photos = cameras.get(capture.camera) ?? [];
    photos.push({ id, seconds: capture.seconds });
    cameras.set(capture.camera, photos);
  }
  return Array.from(cameras.values(), (photos) =>
    photos.sort((x, y) => x.seconds - y.seconds || (x.id < y.id ? -1 : 1)),
  );
}
