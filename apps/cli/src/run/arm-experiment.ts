import type { Policy } from '@fixres/data';
import { type ArmSpec, evaluationKey, type Experiment, type NormStatistics } from '@fixres/runs';

/** Shared by the commands with one arm. */
export interface ArmExperiment {
  model: Experiment['model'];
  arms: ArmSpec[];
  comparisons?: Experiment['comparisons'];
  seeds: number[];
  batchSize: number;
  /** Default `precise`. */
  normStatistics?: NormStatistics | undefined;
  normImages?: number | undefined;
}

/** An experiment that evaluates each arm under the test policies of all arms. */
export function armExperiment({
  model,
  arms,
  comparisons = [],
  seeds,
  batchSize,
  normStatistics = 'precise',
  normImages,
}: ArmExperiment): Experiment {
  const evaluations = new Map<string, Policy>(
    arms.map(({ testPolicy }) => [evaluationKey(testPolicy), testPolicy]),
  );
  return {
    model,
    arms,
    evaluations: [...evaluations.values()],
    comparisons,
    seeds,
    batchSize,
    normStatistics,
    ...(normImages === undefined ? {} : { normImages }),
  };
}
