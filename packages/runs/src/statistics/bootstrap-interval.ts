import { createRandom } from '@fixres/data';

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
function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const lower = sorted[below]!;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (position - below);
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
  { resamples = 10_000, seed = 0 }: BootstrapOptions = {},
): [number, number] {
  if (!Number.isInteger(resamples) || resamples < 100) {
    throw new RangeError(`resamples must be an integer of at least 100, got ${resamples}.`);
  }
  const random = createRandom(seed, 'bootstrap');
  const seeds = values.length;
  const images = values[0]!.length;
  const means = new Float64Array(resamples);
  const weighted = Float64Array.from(values[0]!);
  for (let r = 0; r < resamples; r++) {
    if (seeds > 1) {
      weighted.fill(0);
      for (let s = 0; s < seeds; s++) {
        const row = values[random.int(seeds)]!;
        for (let i = 0; i < images; i++) weighted[i]! += row[i]!;
      }
    }
    let sum = 0;
    for (let i = 0; i < images; i++) sum += weighted[random.int(images)]!;
    means[r] = sum / (images * seeds);
  }
  means.sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}
