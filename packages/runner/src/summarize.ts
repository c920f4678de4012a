import { type ArmRecord, type EpochRecord, RUN_FORMAT, type Summary } from './events.ts';
import { type ArmSpec, type Experiment, evaluationKey } from './experiment.ts';
import { comparePairs } from './statistics/compare-pairs.ts';
import type { CorrectnessMatrix } from './statistics/correctness-matrix.ts';
import { pooledAccuracy } from './statistics/pooled-accuracy.ts';
import { smallestDetectable } from './statistics/smallest-detectable.ts';

/** What came out of an arm, a list entry for each seed. */
export interface ArmResult {
  spec: ArmSpec;
  seeds: {
    seed: number;
    trainSeconds: number;
    peakRssMb: number;
    curve: EpochRecord[];
    /** By evaluation key: 1 for each held-out image classified rightly. */
    correct: Map<string, Uint8Array>;
  }[];
}

/** Accuracies with intervals, and paired comparisons corrected for their number. */
export function summarize(
  experiment: Experiment,
  results: readonly ArmResult[],
  run: Pick<Summary, 'engine' | 'dataset' | 'seconds'>,
): Summary {
  const matrix = (arm: string, key: string): CorrectnessMatrix => {
    const { spec, seeds } = results.find((result) => result.spec.name === arm)!;
    const evaluation = key === 'own' ? evaluationKey(spec.testPolicy) : key;
    return seeds.map(({ correct }) => correct.get(evaluation)!);
  };

  const pairs = experiment.comparisons.map(({ a, b, policy }) => ({ a: matrix(a, policy), b: matrix(b, policy) }));
  const compared = comparePairs(pairs);
  const comparisons = experiment.comparisons.map(({ a, b, policy }, i) => {
    const { difference, ci95, p, pAdjusted, verdict } = compared[i]!;
    return { a, b, policy, difference, ci95, p, pAdjusted, verdict };
  });
  return {
    format: RUN_FORMAT,
    ...run,
    arms: results.map((result) => armRecord(result, experiment, matrix)),
    comparisons,
    // The arms that disagree most set what this held-out set can resolve.
    smallestDetectable: compared.length > 0 ? Math.max(...compared.map((comparison) => comparison.smallestDetectable)) : smallestDetectable({ images: run.dataset.heldOut, discordance: 0 }),
  };
}

function armRecord(
  { spec, seeds }: ArmResult,
  experiment: Experiment,
  matrix: (arm: string, key: string) => CorrectnessMatrix,
): ArmRecord {
  const own = evaluationKey(spec.testPolicy);
  return {
    name: spec.name,
    description: spec.description,
    trainSize: spec.trainPolicy.output.width,
    epochs: spec.epochs,
    freeze: typeof spec.freeze === 'string' ? spec.freeze : spec.freeze.name,
    initFrom: spec.initFrom,
    ownEvaluation: experiment.evaluations.findIndex((policy) => evaluationKey(policy) === own),
    evaluations: experiment.evaluations.map((policy) => ({
      policy: policy.name,
      size: policy.output.width,
      ...pooledAccuracy(matrix(spec.name, evaluationKey(policy))),
    })),
    trainSeconds: seeds.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0) / seeds.length,
    peakRssMb: Math.max(...seeds.map(({ peakRssMb }) => peakRssMb)),
    curves: seeds.map(({ seed, curve }) => ({ seed, epochs: curve })),
  };
}
