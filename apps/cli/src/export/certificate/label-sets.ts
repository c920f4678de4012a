import type { PreprocessingContract } from '@fixres/data';
import { exactMatches, mostProbable, type Predictions } from '@fixres/runs';

/** Number of classes of a multi-label contract; undefined for one class per image. */
export function multiLabelCount({ head }: Pick<PreprocessingContract, 'head'>): number | undefined {
  return head?.thresholds.length;
}

/**
 * Predictions from their probabilities: an image is classified correctly if its most probable class is the
 * label, or, of multi-label images, if exactly its classes reach their thresholds.
 *
 * @param thresholds of a multi-label contract
 */
export function judged(
  { probabilities, classes, labels, targets }: Omit<Predictions, 'correct'>,
  thresholds: readonly number[] | undefined,
): Predictions {
  if (targets !== undefined) {
    const correct = exactMatches({ probabilities, classes, targets }, thresholds);
    return { probabilities, classes, labels, targets, correct };
  }
  const correct = Uint8Array.from(labels, (label, image) =>
    mostProbable(probabilities.subarray(image * classes, (image + 1) * classes)) === label ? 1 : 0,
  );
  return { probabilities, classes, labels, correct };
}
