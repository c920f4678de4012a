import type { Predictions } from './predictions.ts';
import type { PooledAccuracy, PredictionMetrics } from '../events/events.ts';
import { pooledAccuracy } from '../statistics/pooled-accuracy.ts';
import { calibration } from './calibration.ts';
import { confusionMatrix, perClassAccuracy } from './confusion-matrix.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { topKCorrect } from './top-k.ts';

/** All metrics of the predictions on a set of images. Plain data. */
export interface PredictionDescription extends PredictionMetrics {
  /** With Wilson's interval. */
  top1: PooledAccuracy;
}

/**
 * Describes predictions of one model on one set of images.
 *
 * @throws RangeError without images
 */
export function describePredictions(predictions: Predictions): PredictionDescription {
  const confusion = confusionMatrix(predictions);
  return {
    top1: pooledAccuracy([predictions.correct]),
    top5: predictions.classes > 5 ? pooledAccuracy([topKCorrect(predictions, 5)]) : null,
    nll: negativeLogLikelihood(predictions),
    calibration: calibration(predictions),
    confusion,
    classes: perClassAccuracy(confusion),
  };
}
