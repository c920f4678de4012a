import type { CalibrationBin } from '../events/events.ts';
import { normalProbability } from '../statistics/normal-probability.ts';

/** The images of a bin: their number, mean confidence and accuracy, `null` in an empty bin. */
export type BinContents = Pick<CalibrationBin, 'images' | 'confidence' | 'accuracy'>;

/**
 * The expected calibration error with less of the bias that chance adds. In each bin the accuracy of
 * few images differs from its expectation, so the plug-in error is positive even for a perfectly
 * calibrated model. Accuracies are taken as normal around the observed ones, the error that they would
 * show is computed, and its excess over the plug-in error is subtracted. The result can be below 0. For
 * a perfectly calibrated model, about 0.6 of the bias is left; with larger errors, hardly any.
 *
 * Source: A. Kumar, P. Liang and T. Ma, "Verified uncertainty calibration" (arXiv 1909.10155), the
 * debiased estimator of section 5 for the first power; their package draws the normal values, here their
 * expectation is exact.
 *
 * @param bins with at least one image in total
 */
export function debiasedCalibrationError(bins: readonly BinContents[]): number {
  const total = imagesIn(bins);
  let sum = 0;
  for (const { images, confidence, accuracy } of bins) {
    if (confidence === null || accuracy === null) continue;
    const gap = Math.abs(accuracy - confidence);
    const sd = Math.sqrt((accuracy * (1 - accuracy)) / images);
    sum += (images / total) * (2 * gap - expectedGap(gap, sd));
  }
  return sum;
}

/** The number of images in all bins. */
export function imagesIn(bins: readonly BinContents[]): number {
  let sum = 0;
  for (const { images } of bins) sum += images;
  return sum;
}

/** Expectation of the absolute value of a normal variable. @param mean at least 0 */
function expectedGap(mean: number, sd: number): number {
  if (sd === 0) return mean;
  const z = mean / sd;
  return (
    sd * Math.sqrt(2 / Math.PI) * Math.exp(-(z ** 2) / 2) + mean * (1 - 2 * normalProbability(-z))
  );
}
