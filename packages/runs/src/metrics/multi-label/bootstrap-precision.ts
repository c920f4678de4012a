import { createRandom } from '@fixres/data';
import type { PrecisionComparison } from '../../events/events.ts';
import { quantile } from '../../statistics/bootstrap-interval.ts';
import { holmAdjust } from '../../statistics/paired/holm.ts';
import { verdictOf } from '../../statistics/paired/verdict.ts';
import {
  meanAveragePrecision,
  type MultiLabelPredictions,
  rankClasses,
} from './average-precision.ts';

/** Mean average precision of a model over its seeds, and of every resample of images and seeds. */
export interface ResampledPrecision {
  /** Mean over seeds. */
  value: number;
  resamples: Float64Array;
}

/** Fewer than for accuracies: each takes a pass over all images of all classes. */
const RESAMPLES = 2000;

/**
 * Resamples images, and seeds if there are several, with replacement, as `bootstrapInterval` does, and
 * computes the mean average precision of each model on each resample. All models share the resamples, so
 * differences are paired. A class without images in a resample does not count there.
 *
 * @param models for each, the predictions of its seeds; all on the same images, with the same number of
 * seeds
 * @returns undefined for a model of which a seed, or a resample, has no image of any class
 */
export function bootstrapPrecision(
  models: readonly (readonly MultiLabelPredictions[])[],
  { resamples = RESAMPLES, seed = 0 }: { resamples?: number; seed?: number } = {},
): (ResampledPrecision | undefined)[] {
  const [first] = models[0] ?? [];
  if (first === undefined) return models.map(() => undefined);
  const random = createRandom(seed, 'bootstrap');
  const ranked = models.map((seeds) => seeds.map((each) => rankClasses(each)));
  const images = first.targets.length / first.classes;
  const seeds = models[0]!.length;
  const values = models.map(() => new Float64Array(resamples));
  const seedCounts = new Float64Array(seeds).fill(1);
  const counts = new Float64Array(images);
  for (let r = 0; r < resamples; r++) {
    if (seeds > 1) {
      seedCounts.fill(0);
      for (let s = 0; s < seeds; s++) seedCounts[random.int(seeds)]!++;
    }
    counts.fill(0);
    for (let i = 0; i < images; i++) counts[random.int(images)]!++;
    for (const [m, ofModel] of ranked.entries())
      values[m]![r] = meanOver(ofModel, seedCounts, (each) => meanAveragePrecision(each, counts));
  }
  return ranked.map((ofModel, m) => {
    const once = new Float64Array(seeds).fill(1);
    const value = meanOver(ofModel, once, (each) => meanAveragePrecision(each));
    const all = values[m]!;
    return Number.isNaN(value) || all.some(Number.isNaN) ? undefined : { value, resamples: all };
  });
}

/** NaN if a value is undefined. */
function meanOver<T>(
  seeds: readonly T[],
  counts: Float64Array,
  valueOf: (seed: T) => number | undefined,
): number {
  let sum = 0;
  for (const [s, each] of seeds.entries())
    if (counts[s]! > 0) sum += counts[s]! * (valueOf(each) ?? NaN);
  return sum / seeds.length;
}

/** 95 % percentile interval. */
export function precisionInterval({
  resamples,
}: Pick<ResampledPrecision, 'resamples'>): [number, number] {
  const sorted = resamples.toSorted();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/**
 * Compares pairs of models, corrected for their number. The p-value is twice the share of the resamples in
 * which the difference has the other sign or is 0, and at least one of them counts as such (Efron and
 * Tibshirani 1993, chapter 15).
 *
 * @param pairs models of the same {@link bootstrapPrecision}
 */
export function comparePrecisions(
  pairs: readonly (readonly [ResampledPrecision, ResampledPrecision])[],
): PrecisionComparison[] {
  const compared = pairs.map(([a, b]) => {
    const differences = a.resamples.map((value, r) => value - b.resamples[r]!);
    const upTo = differences.filter((difference) => difference <= 0).length;
    const from = differences.filter((difference) => difference >= 0).length;
    return {
      difference: a.value - b.value,
      ci95: precisionInterval({ resamples: differences }),
      p: Math.min(1, (2 * (Math.min(upTo, from) + 1)) / (differences.length + 1)),
    };
  });
  const adjusted = holmAdjust(compared.map(({ p }) => p));
  return compared.map((comparison, i) => ({
    ...comparison,
    pAdjusted: adjusted[i]!,
    verdict: verdictOf({ ...comparison, pAdjusted: adjusted[i]! }),
  }));
}
