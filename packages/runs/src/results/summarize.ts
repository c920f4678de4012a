import { apparentSizes, imageSizeOf, type Policy, type Size } from '@fixres/data';
import {
  type ActivationRecord,
  type ApparentSizeRecord,
  type ArmRecord,
  type EpochRecord,
  type FactorialRecord,
  type PredictionMetrics,
  RUN_FORMAT,
  type Summary,
} from '../events/events.ts';
import { armDescription } from '../experiment/arm-description.ts';
import {
  type ArmSpec,
  evaluationKey,
  type Experiment,
  type FactorialDesign,
} from '../experiment/experiment.ts';
import { poolMetrics } from '../metrics/pool-metrics.ts';
import { comparePaired } from '../statistics/paired/paired-comparison.ts';
import { comparePairs } from '../statistics/paired/compare-pairs.ts';
import type { CorrectnessMatrix } from '../statistics/correctness-matrix.ts';
import { factorialEffects } from '../statistics/factorial/factorial-effects.ts';
import { accuracyOverSeeds } from '../statistics/over-seeds.ts';
import { pooledAccuracy } from '../statistics/pooled-accuracy.ts';
import { smallestDetectable } from '../statistics/smallest-detectable.ts';
import { APPARENT_SIZE_VIEWS } from './apparent-size-views.ts';
import { corruptedResults } from './corrupted-results.ts';
import {
  type MultiLabelRecords,
  multiLabelRecords,
  type MultiLabelResult,
} from './multi-label-records.ts';
import { decideSeeds } from './decide-seeds.ts';
import { endsWithinEpoch, trainingLength } from '../experiment/training-length.ts';

/** The results of an arm, one list entry per seed. */
export interface ArmResult {
  spec: ArmSpec;
  seeds: {
    seed: number;
    trainSeconds: number;
    /** Absent in results of earlier versions, and if it cannot be counted. */
    trainMultiplyAdds?: number;
    peakRssMb: number;
    curve: EpochRecord[];
    /** By evaluation key: 1 for each held-out image classified correctly. */
    correct: Map<string, Uint8Array>;
    /** By evaluation key. Absent in results of earlier versions. */
    metrics?: Map<string, PredictionMetrics>;
    /** Of multi-label images. */
    multiLabel?: MultiLabelResult;
    /** Of the first seed; empty for others, and if none are measured. Absent like `metrics`. */
    activations?: ActivationRecord[];
    /** The arm whose cached features it trained on. */
    featuresFrom?: string;
  }[];
}

/**
 * Accuracies with intervals, the other metrics of the predictions, and paired comparisons corrected
 * for their number.
 *
 * @param imageSizes of the training images; without them, apparent sizes are left out
 */
export function summarize(
  experiment: Experiment,
  results: readonly ArmResult[],
  run: Pick<Summary, 'engine' | 'dataset' | 'seconds'>,
  imageSizes?: readonly Size[],
): Summary {
  const matrix = (arm: string, key: string): CorrectnessMatrix => {
    const { spec, seeds } = results.find((result) => result.spec.name === arm)!;
    const evaluation = key === 'own' ? evaluationKey(spec.testPolicy) : key;
    return seeds.map(({ correct }) => correct.get(evaluation)!);
  };

  const pairs = experiment.comparisons.map(({ a, b, policy }) => ({
    a: matrix(a, policy),
    b: matrix(b, policy),
  }));
  const compared = comparePairs(pairs);
  const multiLabel = multiLabelRecords(experiment, results);
  const comparisons = experiment.comparisons.map(({ a, b, policy }, i) => {
    const { difference, ci95, p, pAdjusted, verdict, smallestDetectable, overSeeds } = compared[i]!;
    const meanAveragePrecision = multiLabel?.comparisons[i];
    return {
      a,
      b,
      policy,
      difference,
      ci95,
      p,
      pAdjusted,
      verdict,
      smallestDetectable,
      overSeeds,
      ...(meanAveragePrecision && { meanAveragePrecision }),
    };
  });
  const { factorial, corruptions } = experiment;
  const robustness = corruptions && corruptedResults(experiment, corruptions, results);
  const seedStopping = decideSeeds(experiment, results);
  const sizesAfter = imageSizes && apparentSizesAfter(imageSizes, experiment.evaluations);
  return {
    format: RUN_FORMAT,
    ...run,
    arms: results.map((result) => ({
      ...armRecord(result, experiment, {
        matrix,
        multiLabel,
        sizesAfter,
        trainImages: run.dataset.train,
      }),
      ...(robustness && { robustness: robustness.records.get(result.spec.name)! }),
    })),
    comparisons,
    ...(factorial && { factorial: factorialRecord(factorial, matrix) }),
    ...(robustness && { robustness: robustness.summary }),
    // The arms that disagree most determine the smallest difference that this held-out set can
    // show.
    smallestDetectable:
      comparisons.length > 0
        ? Math.max(...comparisons.map((comparison) => comparison.smallestDetectable))
        : smallestDetectable({ images: run.dataset.heldOut, discordance: 0 }),
    ...(seedStopping && { seedStopping }),
  };
}

function factorialRecord(
  { of, stages, cells, moreEpochs }: FactorialDesign,
  matrix: (arm: string, key: string) => CorrectnessMatrix,
): FactorialRecord {
  const untuned = cells.find(({ on }) => on.length === 0)!.arm;
  const effects = factorialEffects(
    stages,
    cells.map(({ arm, policy, on }) => ({ on, correct: matrix(arm, policy) })),
  );
  if (moreEpochs === undefined) return { of, ...effects };
  const { arm, policy } = moreEpochs;
  const { difference, ci95 } = comparePaired(matrix(arm, policy), matrix(untuned, policy));
  return { of, ...effects, moreEpochs: { difference, ci95 } };
}

function armRecord(
  { spec, seeds }: ArmResult,
  experiment: Experiment,
  {
    matrix,
    multiLabel,
    sizesAfter,
    trainImages,
  }: {
    matrix: (arm: string, key: string) => CorrectnessMatrix;
    multiLabel: MultiLabelRecords | undefined;
    sizesAfter: ApparentSizesAfter | undefined;
    trainImages: number;
  },
): ArmRecord {
  const own = evaluationKey(spec.testPolicy);
  const length = trainingLength(spec, { images: trainImages, batchSize: experiment.batchSize });
  const activations = seeds.flatMap((seed) => seed.activations ?? []);
  const featuresFrom = seeds.find((seed) => seed.featuresFrom)?.featuresFrom;
  const multiplyAdds = seeds.flatMap(({ trainMultiplyAdds }) => trainMultiplyAdds ?? []);
  const apparent = sizesAfter && {
    training: sizesAfter(spec.trainPolicy),
    root: sizesAfter(rootOf(spec, experiment.arms).trainPolicy),
  };
  return {
    name: spec.name,
    description: armDescription(spec),
    trainSize: imageSizeOf(spec.trainPolicy.output),
    epochs: length.epochs,
    ...(endsWithinEpoch(length) && { steps: length.steps }),
    ...(spec.cost && { equalCost: spec.cost.equalTo }),
    ...(spec.measuredSize?.choice && { sizeChoice: spec.measuredSize.choice }),
    freeze: typeof spec.freeze === 'string' ? spec.freeze : spec.freeze.name,
    initFrom: spec.initFrom,
    ownEvaluation: experiment.evaluations.findIndex((policy) => evaluationKey(policy) === own),
    evaluations: experiment.evaluations.map((policy, i) => {
      const key = evaluationKey(policy);
      const correct = matrix(spec.name, key);
      const metrics = seeds
        .map((seed) => seed.metrics?.get(key))
        .filter((each) => each !== undefined);
      return {
        policy: policy.name,
        size: imageSizeOf(policy.output),
        ...pooledAccuracy(correct),
        overSeeds: accuracyOverSeeds(correct),
        ...(metrics.length === seeds.length && { metrics: poolMetrics(metrics) }),
        ...(multiLabel && { multiLabel: multiLabel.metricsOf(spec.name, key) }),
        ...(apparent && {
          apparentSize: { training: apparent.training[i]!, root: apparent.root[i]! },
        }),
      };
    }),
    trainSeconds: mean(seeds.map(({ trainSeconds }) => trainSeconds)),
    ...(multiplyAdds.length === seeds.length && { trainMultiplyAdds: mean(multiplyAdds) }),
    ...(featuresFrom !== undefined && { featuresFrom }),
    peakRssMb: Math.max(...seeds.map(({ peakRssMb }) => peakRssMb)),
    curves: seeds.map(({ seed, curve }) => ({ seed, epochs: curve })),
    ...(activations.length > 0 && { activations }),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The first arm of a chain of arms. */
function rootOf(spec: ArmSpec, arms: readonly ArmSpec[]): ArmSpec {
  const base = arms.find(({ name }) => name === spec.initFrom);
  return base ? rootOf(base, arms) : spec;
}

/** Apparent sizes under each evaluation, after training under a policy. */
type ApparentSizesAfter = (trainPolicy: Policy) => ApparentSizeRecord[];

function apparentSizesAfter(
  imageSizes: readonly Size[],
  evaluations: readonly Policy[],
): ApparentSizesAfter {
  const known = new Map<string, ApparentSizeRecord[]>();
  const draws = Math.ceil(APPARENT_SIZE_VIEWS / imageSizes.length);
  return (trainPolicy) => {
    const key = JSON.stringify(trainPolicy);
    const records =
      known.get(key) ??
      apparentSizes(imageSizes, trainPolicy, evaluations, { draws }).map(
        ({ mean, p10, p50, p90 }) => ({ mean, p10, p50, p90 }),
      );
    known.set(key, records);
    return records;
  };
}
