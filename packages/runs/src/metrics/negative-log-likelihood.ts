import type { Predictions } from './predictions.ts';

/**
 * The smallest normal number of float32: the value of a softmax that underflowed to 0, so that the
 * mean stays finite.
 */
const SMALLEST = 2 ** -126;

/**
 * Mean over images of `-log(probability of the label)`, in nats: the cross-entropy without label smoothing. A probability of 0
 * counts as 2^-126, which is 87.3 nats.
 */
export function negativeLogLikelihood({ probabilities, classes, labels }: Predictions): number {
  const sum = labels.reduce(
    (total, label, image) =>
      total - Math.log(Math.max(probabilities[image * classes + label]!, SMALLEST)),
    0,
  );
  return sum / labels.length;
}
