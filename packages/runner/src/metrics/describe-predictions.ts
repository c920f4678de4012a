import type { Predictions } from '../evaluate.ts';
import { pooledAccuracy, type PooledAccuracy } from '../statistics/pooled-accuracy.ts';
import { calibration, type Calibration } from './calibration.ts';
import { type ClassAccuracy, confusionMatrix, perClassAccuracy } from './confusion-matrix.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { topKCorrect } from './top-k.ts';

/** Everything that the predictions on a set of images say. Plain data. */
export interface PredictionDescription {
  /** With Wilson's interval. */
  top1: PooledAccuracy;
  /** Label among the five most probable classes; `null` with five classes or fewer. */
  top5: PooledAccuracy | null;
  /** Mean negative log-likelihood of the labels in nats. */
  nll: number;
  /** Expected calibration error and its bins. */
  calibration: Calibration;
  /** `confusion[label][predicted]`: number of images. */
  confusion: number[][];
  /** In the order of the classes. */
  classes: ClassAccuracy[];
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
