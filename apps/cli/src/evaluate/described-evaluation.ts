import {
  describePredictions,
  multiLabelMetrics,
  pooledAccuracy,
  type Predictions,
} from '@fixres/runs';
import type { SizeEvaluation } from './evaluation-record.ts';

/**
 * The metrics of an evaluation.
 *
 * @param thresholds of the classes of multi-label images. Default: 0.5 for all
 */
export function describedEvaluation(
  predictions: Predictions,
  thresholds: readonly number[] | undefined,
): Pick<
  SizeEvaluation,
  'top1' | 'top5' | 'nll' | 'calibration' | 'confusion' | 'classes' | 'multiLabel'
> {
  const { targets, correct } = predictions;
  if (targets === undefined) return describePredictions(predictions);
  return {
    top1: pooledAccuracy([correct]),
    multiLabel: multiLabelMetrics({ ...predictions, targets }, thresholds),
  };
}
