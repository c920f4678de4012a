import type { Predictions } from './predictions.ts';
import type { ClassAccuracy } from '../events/events.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { mostProbable } from './most-probable.ts';

/**
 * How often images of each class were predicted as each class: `matrix[label][predicted]`. With
 * equal probabilities, the first class counts, as everywhere.
 */
export function confusionMatrix({ probabilities, classes, labels }: Predictions): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, image) => {
    matrix[label]![mostProbable(probabilities.subarray(image * classes, (image + 1) * classes))]! +=
      1;
  });
  return matrix;
}

/**
 * Accuracy by class, in the order of the matrix.
 *
 * @param seeds number of models whose counts on the same images are summed. The intervals count
 * every image once. Default 1.
 */
export function perClassAccuracy(
  matrix: readonly (readonly number[])[],
  seeds = 1,
): ClassAccuracy[] {
  return matrix.map((row, label) => {
    const correct = row[label]!;
    const total = sum(row);
    const predicted = sum(matrix.map((counts) => counts[label]!));
    return {
      correct,
      total,
      accuracy: total === 0 ? null : correct / total,
      ci95: total === 0 ? null : wilsonInterval(correct / seeds, total / seeds),
      precision: predicted === 0 ? null : correct / predicted,
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
