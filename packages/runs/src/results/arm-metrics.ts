import { describePredictions } from '../metrics/describe-predictions.ts';
import { poolMetrics } from '../metrics/pool-metrics.ts';
import type { PooledMetrics } from '../events/events.ts';
import type { RecordedPredictions } from '../metrics/predictions.ts';

/** What an arm's predictions under its own test policy say beside their accuracy, as the summary tells it. */
export interface ArmMetrics extends PooledMetrics {
  arm: string;
  /** Number of models that the predictions are of. */
  seeds: number;
}

/** @param seeds predictions on the same images, at least one */
export function armMetrics(arm: string, seeds: readonly RecordedPredictions[]): ArmMetrics {
  return { arm, seeds: seeds.length, ...poolMetrics(seeds.map(describePredictions)) };
}
