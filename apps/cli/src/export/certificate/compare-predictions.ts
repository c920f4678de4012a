import {
  differenceInterval,
  mcnemarExact,
  mostProbable,
  pooledAccuracy,
  type Predictions,
} from '@fixres/runs';
import type { AccuracyComparison, Verification } from './certificate.ts';

/** Above this, a difference of probabilities is more than the rounding of single precision. */
const ROUNDING = 1e-3;

/** The level of the paired test. */
const LEVEL = 0.05;

export interface ComparePredictionsOptions {
  /** Whether the exported model computes in single precision on the same inputs. */
  exact: boolean;
  /** Of a multi-label model. */
  thresholds?: readonly number[] | undefined;
}

/**
 * Compares the predictions of a model with those of its export for the same images.
 *
 * @throws RangeError without images
 */
export function comparePredictions(
  model: Predictions,
  exported: Predictions,
  { exact, thresholds }: ComparePredictionsOptions,
): Omit<Verification, 'runtime'> {
  const { classes } = model;
  const rows = Array.from({ length: model.labels.length }, (_, i) => i);
  const answer = ({ probabilities }: Predictions, image: number): string => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    if (thresholds === undefined) return String(mostProbable(row));
    return row.map((p, label) => (p >= thresholds[label]! ? 1 : 0)).join('');
  };
  const changed = rows.filter((i) => answer(model, i) !== answer(exported, i)).length;
  // NaN if one of the probabilities is.
  const differences = rows.map((image) => {
    let largest = 0;
    for (let i = image * classes; i < (image + 1) * classes; i++)
      largest = Math.max(largest, Math.abs(exported.probabilities[i]! - model.probabilities[i]!));
    return largest;
  });
  const largestDifference = differences.reduce((a, b) => Math.max(a, b));
  const comparison = compareAccuracy(exported.correct, model.correct);
  const isDifferent = comparison.p < LEVEL || !(largestDifference <= (exact ? ROUNDING : 1));
  return {
    verdict: isDifferent ? 'different' : exact ? 'equal' : 'no difference found',
    // JSON has neither NaN nor infinity.
    largestDifference: Number.isFinite(largestDifference) ? largestDifference : null,
    notANumber: differences.filter((difference) => !Number.isFinite(difference)).length,
    ...(thresholds === undefined ? { changedTop1: changed } : { changedLabelSets: changed }),
    accuracy: {
      model: pooledAccuracy([model.correct]),
      exported: pooledAccuracy([exported.correct]),
    },
    comparison,
  };
}

/** Compares which images two models classify correctly. */
function compareAccuracy(a: Predictions['correct'], b: Predictions['correct']): AccuracyComparison {
  const counts = { onlyA: 0, onlyB: 0, images: a.length };
  for (const [i, isCorrect] of a.entries()) {
    if (isCorrect > b[i]!) counts.onlyA++;
    if (isCorrect < b[i]!) counts.onlyB++;
  }
  const { onlyA, onlyB, images } = counts;
  return {
    difference: (onlyA - onlyB) / images,
    ci95: differenceInterval(counts),
    p: mcnemarExact(onlyA, onlyB),
    test: 'mcnemar-exact',
  };
}
