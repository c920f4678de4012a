import type { Predictions } from '../predictions.ts';
import { type RankedScores, rankScores } from './ranked-scores.ts';

/** Predictions on multi-label images. */
export type MultiLabelPredictions = Pick<Predictions, 'probabilities' | 'classes'> & {
  /** images x classes, 1 for each class of an image. */
  targets: Uint8Array;
};

/**
 * Average precision of a class: the sum over the distinct scores of precision times the gain in recall,
 * scikit-learn's `average_precision_score`. It is not interpolated.
 *
 * @param counts how often each image counts. Default: once
 * @returns 0..1; undefined if no image has the class
 */
export function averagePrecision(
  { order, positive, ends }: RankedScores,
  counts?: ArrayLike<number>,
): number | undefined {
  let seen = 0;
  let found = 0;
  let before = 0;
  let sum = 0;
  for (let i = 0; i < order.length; i++) {
    const count = counts === undefined ? 1 : counts[order[i]!]!;
    seen += count;
    if (positive[i] === 1) found += count;
    if (ends[i] === 0 || found === before) continue;
    sum += ((found - before) * found) / seen;
    before = found;
  }
  return found === 0 ? undefined : sum / found;
}

/** The images of each class, by its scores. */
export function rankClasses({
  probabilities,
  targets,
  classes,
}: MultiLabelPredictions): RankedScores[] {
  return Array.from({ length: classes }, (_, column) =>
    rankScores(probabilities, targets, { column, columns: classes }),
  );
}

/**
 * The mean of {@link averagePrecision} over the classes with images: macro mAP.
 *
 * @returns undefined if no image has any class
 */
export function meanAveragePrecision(
  ranked: readonly RankedScores[],
  counts?: ArrayLike<number>,
): number | undefined {
  let sum = 0;
  let classes = 0;
  for (const each of ranked) {
    const value = averagePrecision(each, counts);
    if (value === undefined) continue;
    sum += value;
    classes += 1;
  }
  return classes === 0 ? undefined : sum / classes;
}
