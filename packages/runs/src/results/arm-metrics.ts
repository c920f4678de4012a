import {
  type CalibrationDescription,
  describeCalibration,
} from '../metrics/describe-calibration.ts';
import { describePredictions } from '../metrics/describe-predictions.ts';
import { poolMetrics } from '../metrics/pool-metrics.ts';
import type { PooledMetrics } from '../events/events.ts';
import type { RecordedPredictions } from '../metrics/predictions.ts';

/**
 * Metrics of an arm's predictions under its own test policy, in addition to the accuracy in the
 * summary.
 */
export interface ArmMetrics extends PooledMetrics {
  arm: string;
  /** Number of models that made the predictions. */
  seeds: number;
  /** Before and after temperature scaling. */
  temperatureScaling: CalibrationDescription;
}

/** @param seeds predictions on the same images, at least one */
export function armMetrics(arm: string, seeds: readonly RecordedPredictions[]): ArmMetrics {
  return {
    arm,
    seeds: seeds.length,
    ...poolMetrics(seeds.map(describePredictions)),
    temperatureScaling: describeCalibration(seeds, { ids: seeds[0]!.files }),
  };
}
