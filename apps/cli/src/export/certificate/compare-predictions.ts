import { comparePaired, describePredictions, mostProbable, type Predictions } from '@fixres/runs';
import type { Verification } from './certificate.ts';

/** Above this, a difference of probabilities is more than the rounding of single precision. */
const ROUNDING = 1e-3;

/** The level of the paired test. */
const LEVEL = 0.05;

export interface ComparePredictionsOptions {
  /** Whether the exported model computes in single precision on the same inputs. */
  exact: boolean;
}

/**
 * Compares the predictions of a model with those of its export for the same images.
 *
 * @throws RangeError without images
 */
export function comparePredictions(
  model: Predictions,
  exported: Predictions,
  { exact }: ComparePredictionsOptions,
): Omit<Verification, 'runtime'> {
  const { classes } = model;
  const rows = Array.from({ length: model.labels.length }, (_, i) => i);
  const top1 = ({ probabilities }: Predictions, image: number): number =>
    mostProbable(probabilities.subarray(image * classes, (image + 1) * classes));
  let largestDifference = 0;
  for (const [i, probability] of model.probabilities.entries()) {
    const difference = Math.abs(exported.probabilities[i]! - probability);
    // Also for a probability that is not a number.
    if (!(difference <= largestDifference)) largestDifference = difference;
  }
  const comparison = comparePaired([exported.correct], [model.correct]);
  const isEqual = comparison.p >= LEVEL && (!exact || largestDifference <= ROUNDING);
  return {
    verdict: isEqual ? 'equal' : 'different',
    largestDifference,
    changedTop1: rows.filter((i) => top1(model, i) !== top1(exported, i)).length,
    accuracy: {
      model: describePredictions(model).top1,
      exported: describePredictions(exported).top1,
    },
    comparison,
  };
}
