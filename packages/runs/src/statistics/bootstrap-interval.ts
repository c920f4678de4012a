import { forEachDraw } from './bootstrap-draws.ts';

export interface BootstrapOptions {
  /** Number of resamples, at least 100. Default 10000. */
  resamples?: number;
  /** Seed of the resampling. The same seed gives the same interval. Default 0. */
  seed?: number;
}

/**
 * Value below which the fraction `q` (0..1) of a sorted, non-empty list lies; linear between
 * neighbours, like numpy's default.
 */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (position - below);
}

/** 10,000, and fewer of many images, so that the time stays in seconds; at least 1,000. */
export function resamplesFor(images: number): number {
  return Math.min(10_000, Math.max(1000, Math.floor(3e7 / images)));
}

/**
 * 95 % percentile interval of a mean over images and seeds, by a cluster bootstrap: every resample
 * draws images with replacement, and each image contributes its values under all seeds, because
 * they are not independent. With several seeds it also draws seeds with replacement, so the
 * interval also covers training again. Two or three seeds show only part of that variation: the
 * interval is then somewhat too narrow for it.
 *
 * Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13;
 * resampling of both crossed factors as in A. Owen, "The pigeonhole bootstrap", Annals of Applied
 * Statistics 1 (2007).
 *
 * @param values one list per seed, all of the same length: a value for each image.
 * @throws RangeError if `resamples` is not an integer of at least 100.
 */
export function bootstrapInterval(
  values: readonly ArrayLike<number>[],
  options: BootstrapOptions = {},
): [number, number] {
  return bootstrapIntervals([values], options)[0]!;
}

/**
 * {@link bootstrapInterval} of several means over the same images and seeds. All share the draws,
 * which take most of the time.
 *
 * @param each for each mean, one list per seed; all of the same lengths
 * @throws RangeError if `resamples` is not an integer of at least 100.
 */
export function bootstrapIntervals(
  each: readonly (readonly ArrayLike<number>[])[],
  { resamples = 10_000, seed = 0 }: BootstrapOptions = {},
): [number, number][] {
  if (!Number.isInteger(resamples) || resamples < 100) {
    throw new RangeError(`resamples must be an integer of at least 100, got ${resamples}.`);
  }
  const lists = each.map((values) => values.map((row) => Float64Array.from(row)));
  const seeds = lists[0]!.length;
  const images = lists[0]![0]!.length;
  const means = lists.map(() => new Float64Array(resamples));
  let r = 0;
  forEachDraw({ seed, seeds, images, resamples }, (counts, at) => {
    for (const [e, rows] of lists.entries()) {
      let sum = 0;
      for (let s = 0; s < seeds; s++) {
        const times = counts[at + s]!;
        if (times === 0) continue;
        const row = rows[s]!;
        let own = 0;
        for (let i = 0; i < images; i++) own += counts[at + seeds + i]! * row[i]!;
        sum += times * own;
      }
      means[e]![r] = sum / (images * seeds);
    }
    r++;
  });
  return means.map((sorted) => {
    sorted.sort();
    return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  });
}
