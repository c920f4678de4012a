import type { MemoryPlan } from '@fixres/runs';
import type { MemoryNeed } from './memory-need.ts';

/**
 * How much more a whole run may take than the short one: fragments of freed memory. docs/runs.md has
 * measurements.
 */
const MARGIN = 1.1;

/**
 * Garbage of JavaScript that a short run does not leave yet, in 10^6 bytes: two semi-spaces of V8, of
 * 16 MiB each (`node --v8-options`, max-semi-space-size).
 */
const YOUNG_GENERATION = 32;

/** The largest cache of photos in 10^6 bytes: that of the largest buffer of Node 20. */
const LARGEST_CACHE = 4000;

export interface DivideMemoryOptions {
  /** The budget, in 10^6 bytes, like all amounts. */
  limitMb: number;
  need: MemoryNeed;
  images: { train: number; heldOut: number };
  /** Size of all photos, decoded. */
  photosMb: number;
  /** Maximum for cached features. Default: none but the budget. */
  featureLimitMb?: number | undefined;
}

/** A division of a memory budget. */
export interface DividedMemory {
  plan: MemoryPlan;
  /** Size of all cached features of the arm with the most; 0 if none are cached. */
  allFeaturesMb: number;
  /** Size of all photos. */
  allPhotosMb: number;
}

/** What training needs at least, in 10^6 bytes. */
export function leastMemory({ peakMb }: MemoryNeed): number {
  return Math.ceil(MARGIN * peakMb) + YOUNG_GENERATION;
}

/**
 * Divides a memory budget: training first, then cached features, because computing them again takes
 * longer than decoding photos again, then cached photos. The features of an arm are all in memory or
 * not at all.
 *
 * @returns undefined if the budget is not enough for training
 */
export function divideMemory({
  limitMb,
  need,
  images,
  photosMb,
  featureLimitMb = Infinity,
}: DivideMemoryOptions): DividedMemory | undefined {
  const trainingMb = leastMemory(need);
  const left = limitMb - trainingMb;
  if (left < 0) return undefined;
  const ofArms = need.arms.map(({ featureBytes: { train, heldOut } }) => {
    const ofTrain = Math.ceil((train * images.train) / 1e6);
    const all = Math.ceil((train * images.train + heldOut * images.heldOut) / 1e6);
    return { ofTrain, all };
  });
  const mostOf = Math.min(left, featureLimitMb);
  // Without room for those of the held-out images, these are on disk.
  const sizes = ofArms.flatMap(({ ofTrain, all }) => [ofTrain, all]);
  const featuresMb = Math.max(0, ...sizes.filter((size) => size <= mostOf));
  const allPhotosMb = Math.ceil(photosMb);
  return {
    plan: {
      limitMb,
      trainingMb,
      featuresMb,
      // Photos differ in size, and their number and size were estimated from some.
      photosMb: Math.min(left - featuresMb, Math.ceil(1.1 * allPhotosMb), LARGEST_CACHE),
    },
    allFeaturesMb: Math.max(0, ...ofArms.map(({ all }) => all)),
    allPhotosMb,
  };
}
