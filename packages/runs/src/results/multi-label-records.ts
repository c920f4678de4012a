import type { PooledMultiLabel, PrecisionComparison } from '../events/events.ts';
import { evaluationKey, type Experiment } from '../experiment/experiment.ts';
import type { MultiLabelPredictions } from '../metrics/multi-label/average-precision.ts';
import {
  bootstrapPrecision,
  comparePrecisions,
  precisionInterval,
  type ResampledPrecision,
} from '../metrics/multi-label/bootstrap-precision.ts';
import { multiLabelMetrics } from '../metrics/multi-label/multi-label-metrics.ts';
import { poolMultiLabel } from '../metrics/multi-label/pool-multi-label.ts';

/** The results of a model on multi-label images. */
export interface MultiLabelResult {
  /** images x classes, 1 for each class of an image. */
  targets: Uint8Array;
  /** images x classes probabilities, by evaluation key. */
  scores: Map<string, Float32Array>;
  /** From which probability on an image has a class, in the order of the classes. */
  thresholds: number[];
}

interface MultiLabelArm {
  spec: { name: string; testPolicy: Experiment['evaluations'][number] };
  seeds: readonly { multiLabel?: MultiLabelResult }[];
}

/** The multi-label metrics of a run, and its comparisons of mean average precision. */
export interface MultiLabelRecords {
  /** Of an arm under an evaluation. */
  metricsOf: (arm: string, key: string) => PooledMultiLabel;
  /** In the order of the experiment's; undefined without images of any class. */
  comparisons: (PrecisionComparison | undefined)[];
}

/** @returns undefined if images have one class each */
export function multiLabelRecords(
  { evaluations, comparisons }: Pick<Experiment, 'evaluations' | 'comparisons'>,
  results: readonly MultiLabelArm[],
): MultiLabelRecords | undefined {
  const models = results.flatMap(({ spec, seeds }) =>
    evaluations.map((policy) => ({ spec, key: evaluationKey(policy), seeds: resultsOf(seeds) })),
  );
  if (models.some(({ seeds }) => seeds.length === 0)) return undefined;
  const resampled = bootstrapPrecision(
    models.map(({ key, seeds }) => seeds.map((each) => predictionsOf(each, key))),
  );
  const at = (arm: string, key: string): number =>
    models.findIndex(
      (each) =>
        each.spec.name === arm &&
        each.key === (key === 'own' ? evaluationKey(each.spec.testPolicy) : key),
    );
  const pairs = comparisons.map(({ a, b, policy }) => [
    resampled[at(a, policy)],
    resampled[at(b, policy)],
  ]);
  const whole = pairs.filter((pair): pair is [ResampledPrecision, ResampledPrecision] =>
    pair.every((each) => each !== undefined),
  );
  const compared = comparePrecisions(whole);
  return {
    metricsOf: (arm, key) => {
      const place = at(arm, key);
      const own = resampled[place];
      return poolMultiLabel(
        models[place]!.seeds.map((each) =>
          multiLabelMetrics(predictionsOf(each, models[place]!.key), each.thresholds),
        ),
        own ? precisionInterval(own) : [0, 1],
      );
    },
    comparisons: pairs.map((pair) => compared[whole.findIndex((each) => each === pair)]),
  };
}

/** Empty if a seed has none. */
function resultsOf(seeds: MultiLabelArm['seeds']): MultiLabelResult[] {
  const all = seeds.flatMap(({ multiLabel }) => multiLabel ?? []);
  return all.length === seeds.length ? all : [];
}

function predictionsOf(
  { targets, scores, thresholds }: MultiLabelResult,
  key: string,
): MultiLabelPredictions {
  return { probabilities: scores.get(key)!, targets, classes: thresholds.length };
}
