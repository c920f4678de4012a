import { type MultiLabelPredictions, rankClasses } from './average-precision.ts';
import type { RankedScores } from './ranked-scores.ts';

/** From this probability on, an image has a class, unless thresholds were chosen. */
export const DEFAULT_THRESHOLD = 0.5;

/** @param thresholds of the classes in order. Default: {@link DEFAULT_THRESHOLD} for all */
export function thresholdOf(thresholds: readonly number[] | undefined, label: number): number {
  return thresholds?.[label] ?? DEFAULT_THRESHOLD;
}

/** Whether exactly the classes of an image reach their thresholds. */
export function isExactMatch(
  probabilities: Float32Array,
  targets: ArrayLike<number>,
  thresholds?: readonly number[],
): boolean {
  return probabilities.every(
    (p, label) => (p >= thresholdOf(thresholds, label) ? 1 : 0) === targets[label],
  );
}

/**
 * For each image, 1 if exactly its classes reach their thresholds. Its mean is the subset accuracy,
 * scikit-learn's `accuracy_score` of multi-label data.
 */
export function exactMatches(
  { probabilities, targets, classes }: MultiLabelPredictions,
  thresholds?: readonly number[],
): Uint8Array {
  return Uint8Array.from({ length: probabilities.length / classes }, (_, image) => {
    const [from, to] = [image * classes, (image + 1) * classes];
    const row = probabilities.subarray(from, to);
    return isExactMatch(row, targets.subarray(from, to), thresholds) ? 1 : 0;
  });
}

/**
 * The threshold of each class with the highest F1 on these images; of several, the highest. Choose them on
 * images that are neither trained on nor used to report results.
 *
 * A threshold lies halfway between the lowest score that reaches it and the next lower one. Without images
 * of a class it is {@link DEFAULT_THRESHOLD}.
 */
export function tuneThresholds(predictions: MultiLabelPredictions): number[] {
  const { probabilities, classes } = predictions;
  return rankClasses(predictions).map((ranked, label) =>
    bestThreshold(ranked, (image) => probabilities[image * classes + label]!),
  );
}

function bestThreshold(
  { order, positive, ends }: RankedScores,
  scoreOf: (image: number) => number,
): number {
  const all = positive.reduce((sum, one) => sum + one, 0);
  let best = { f1: 0, threshold: DEFAULT_THRESHOLD };
  let found = 0;
  for (let i = 0; i < order.length; i++) {
    found += positive[i]!;
    if (ends[i] === 0) continue;
    const f1 = (2 * found) / (i + 1 + all);
    if (!(f1 > best.f1)) continue;
    const next = i + 1 < order.length ? scoreOf(order[i + 1]!) : 0;
    best = { f1, threshold: (scoreOf(order[i]!) + next) / 2 };
  }
  return best.threshold;
}
