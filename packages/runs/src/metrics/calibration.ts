import type { Predictions } from './predictions.ts';
import type { Calibration } from '../events/events.ts';

/**
 * Difference between confidence and accuracy. The confidence of an image is the probability of its
 * most probable class. The images are divided into bins of equal width (0, 1/n], (1/n, 2/n], ...;
 * the expected calibration error is the mean over images of their bin's
 * |accuracy - confidence|.
 *
 * With few images the error is overestimated, because chance moves every bin away from its
 * expectation.
 *
 * Source: C. Guo et al., "On calibration of modern neural networks" (arXiv 1706.04599), section 2,
 * with its 15 bins.
 *
 * @param bins number of bins, at least 1. Default 15.
 * @throws RangeError
 */
export function calibration(
  { probabilities, classes, labels, correct }: Predictions,
  bins = 15,
): Calibration {
  if (!(Number.isInteger(bins) && bins >= 1))
    throw new RangeError(`bins must be a whole number of at least 1, got ${bins}.`);
  const sums = Array.from({ length: bins }, () => ({ images: 0, confidence: 0, correct: 0 }));
  labels.forEach((_, image) => {
    const confidence = probabilities
      .subarray(image * classes, (image + 1) * classes)
      .reduce((most, p) => Math.max(most, p), 0);
    const bin = sums[calibrationBin(confidence, bins)]!;
    bin.images += 1;
    bin.confidence += confidence;
    bin.correct += correct[image]!;
  });
  const gaps = sums.reduce((total, bin) => total + Math.abs(bin.correct - bin.confidence), 0);
  return {
    ece: gaps / labels.length,
    bins: sums.map((bin, i) => ({
      low: i / bins,
      high: (i + 1) / bins,
      images: bin.images,
      confidence: bin.images === 0 ? null : bin.confidence / bin.images,
      accuracy: bin.images === 0 ? null : bin.correct / bin.images,
    })),
  };
}

/** The number of the bin of a confidence, from 0. */
export function calibrationBin(confidence: number, bins: number): number {
  // Rounding can leave a softmax slightly above 1.
  return Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1);
}
