import { accuracyOverSeeds } from '../../statistics/over-seeds.ts';
import { comparePairs, type CorrectedComparison } from '../../statistics/paired/compare-pairs.ts';
import { pooledAccuracy } from '../../statistics/pooled-accuracy.ts';
import type { PooledAccuracy } from '../../events/events.ts';
import type { ComparedArm } from './compared-run.ts';
import { correctnessOf, pairSeeds } from './pair-seeds.ts';

/** An arm with its accuracy: mean over seeds, with Wilson's interval for one seed and the bootstrap's for several. */
export interface ArmScore extends PooledAccuracy {
  label: string;
  run: string;
  arm: string;
  policy: string;
  seeds: number[];
  /** Standard deviation over seeds; `null` for one. */
  sd: number | null;
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
}

export function scoreArm({ label, run, arm, policy, seeds }: ComparedArm): ArmScore {
  const matrix = correctnessOf([...seeds.values()]);
  return {
    label,
    run,
    arm,
    policy,
    seeds: [...seeds.keys()],
    ...pooledAccuracy(matrix),
    sd: accuracyOverSeeds(matrix).sd,
  };
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
  return compared.map((comparison, i) => ({
    a: pairs[i]![0].label,
    b: pairs[i]![1].label,
    seeds: paired[i]!.seeds,
    ...comparison,
  }));
}
