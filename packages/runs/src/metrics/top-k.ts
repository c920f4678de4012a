import type { Predictions } from './predictions.ts';

/**
 * For each image, 1 if its label is among the `k` most probable classes, otherwise 0. With equal
 * probabilities, the first classes count as more probable, as in `tf.math.in_top_k` of a sorted
 * list and in `tf.topk`.
 *
 * @throws RangeError if `k` is not a whole number from 1 to the number of classes
 */
export function topKCorrect(
  { probabilities, classes, labels }: Predictions,
  k: number,
): Uint8Array {
  if (!(Number.isInteger(k) && k >= 1 && k <= classes)) {
    throw new RangeError(
      `k must be a whole number from 1 to the number of classes, ${classes}; got ${k}.`,
    );
  }
  return Uint8Array.from(labels, (label, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const own = row[label]!;
    const ahead = row.reduce(
      (count, p, i) => count + (p > own || (p === own && i < label) ? 1 : 0),
      0,
    );
    return ahead < k ? 1 : 0;
  });
}
