import { accuracyOverSeeds } from '../../statistics/over-seeds.ts';
import { comparePairs, type CorrectedComparison } from '../../statistics/paired/compare-pairs.ts';
import { pooledAccuracy } from '../../statistics/pooled-accuracy.ts';
import type { PooledAccuracy, PrecisionComparison } from '../../events/events.ts';
import {
  bootstrapPrecision,
  comparePrecisions,
  type ResampledPrecision,
} from '../../metrics/multi-label/bootstrap-precision.ts';
import { meanAveragePrecision, rankClasses } from '../../metrics/multi-label/average-precision.ts';
import type { ComparedArm, TestedImage } from './compared-run.ts';
import { correctnessOf, type PairedArms, pairSeeds } from './pair-seeds.ts';
import { predictionsOfSeeds } from './predictions-of-seeds.ts';

/** An arm with its accuracy: mean over seeds, with Wilson's interval for one seed and the bootstrap's for several. */
export interface ArmScore extends PooledAccuracy {
  label: string;
  run: string;
  arm: string;
  policy: string;
  seeds: number[];
  /** Standard deviation over seeds; `null` for one. */
  sd: number | null;
  /** Of multi-label images: mean over seeds. */
  meanAveragePrecision?: number;
}

/** Arm `a` compared with arm `b`. */
export interface ArmComparison extends CorrectedComparison {
  a: string;
  b: string;
  /**
   * The seeds that both have; `null` if they share none and are paired in their order, so nothing
   * is known over seeds.
   */
  seeds: number[] | null;
  /** Of multi-label images; by the bootstrap over images and seeds. */
  meanAveragePrecision?: PrecisionComparison;
}

export function scoreArm({ label, run, arm, policy, seeds }: ComparedArm): ArmScore {
  const matrix = correctnessOf([...seeds.values()]);
  const precision = meanOverSeeds([...seeds.values()]);
  return {
    label,
    run,
    arm,
    policy,
    seeds: [...seeds.keys()],
    ...pooledAccuracy(matrix),
    sd: accuracyOverSeeds(matrix).sd,
    ...(precision !== undefined && { meanAveragePrecision: precision }),
  };
}

/** @returns undefined for images of one class, and without images of any class */
function meanOverSeeds(seeds: readonly (readonly TestedImage[])[]): number | undefined {
  const predictions = predictionsOfSeeds(seeds);
  const values = predictions?.flatMap((each) => meanAveragePrecision(rankClasses(each)) ?? []);
  return values?.length === seeds.length
    ? values.reduce((sum, value) => sum + value, 0) / values.length
    : undefined;
}

/**
 * Compares pairs of arms, corrected for their number. They must have been evaluated on the same
 * images.
 */
export function compareArms(
  pairs: readonly (readonly [ComparedArm, ComparedArm])[],
): ArmComparison[] {
  const paired = pairs.map(([a, b]) => pairSeeds(a, b));
  const compared = comparePairs(
    paired.map(({ seeds, a, b }) => ({ a, b, sameSeeds: seeds !== null })),
  );
  const precisions = comparedPrecisions(paired);
  return compared.map((comparison, i) => {
    const precision = precisions[i];
    return {
      a: pairs[i]![0].label,
      b: pairs[i]![1].label,
      seeds: paired[i]!.seeds,
      ...comparison,
      ...(precision && { meanAveragePrecision: precision }),
    };
  });
}

/** In the order of the pairs; undefined for images of one class. */
function comparedPrecisions(pairs: readonly PairedArms[]): (PrecisionComparison | undefined)[] {
  const resampled = pairs.map(
    ({ images }): [ResampledPrecision, ResampledPrecision] | undefined => {
      const [ofA, ofB] = images.map(predictionsOfSeeds);
      const [a, b] = ofA && ofB ? bootstrapPrecision([ofA, ofB]) : [];
      return a && b && [a, b];
    },
  );
  const compared = comparePrecisions(resampled.filter((pair) => pair !== undefined));
  let next = 0;
  return resampled.map((pair) => pair && compared[next++]);
}
