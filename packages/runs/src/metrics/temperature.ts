import { mostProbable } from './most-probable.ts';
import type { Predictions } from './predictions.ts';

/** A probability of 0 counts as the smallest normal number of float32. */
const SMALLEST = 2 ** -126;

/** Temperatures outside are of no use: all confidences are then 1, or equal. */
const RANGE = { low: 0.01, high: 100 };

/** Newton's method needs about six steps. */
const STEPS = 100;
const PRECISION = 1e-10;

/**
 * The temperature that minimises the negative log-likelihood of the labels: logits are divided by it.
 * Above 1 it makes an overconfident model less confident. It does not change which class is the most
 * probable. The logarithms of the probabilities take the place of the logits, from which they differ
 * by one number per image.
 *
 * Source: C. Guo et al., "On calibration of modern neural networks" (arXiv 1706.04599), section 4.2.
 *
 * @param images positions of the images to fit it on, at least one
 * @returns 0.01 to 100
 */
export function fitTemperature(
  { probabilities, classes, labels }: Predictions,
  images: Iterable<number>,
): number {
  const rows = [...images];
  const logits = new Float64Array(rows.length * classes);
  for (const [r, image] of rows.entries()) {
    for (let c = 0; c < classes; c++)
      logits[r * classes + c] = Math.log(Math.max(probabilities[image * classes + c]!, SMALLEST));
  }
  /** First and second derivative by the inverse temperature of the likelihood's negative sum. */
  const derivatives = (inverse: number): [number, number] => {
    let [first, second] = [0, 0];
    for (const [r, image] of rows.entries()) {
      const row = logits.subarray(r * classes, (r + 1) * classes);
      const most = row.reduce((high, value) => Math.max(high, value), -Infinity);
      let [weights, mean, square] = [0, 0, 0];
      for (const value of row) {
        const weight = Math.exp(inverse * (value - most));
        weights += weight;
        mean += weight * value;
        square += weight * value * value;
      }
      mean /= weights;
      first += mean - row[labels[image]!]!;
      second += square / weights - mean * mean;
    }
    return [first, second];
  };
  // The sum is convex in the inverse temperature: the minimum stays between the two ends.
  let [low, high] = [1 / RANGE.high, 1 / RANGE.low];
  let inverse = 1;
  for (let step = 0; step < STEPS && high - low > PRECISION * inverse; step++) {
    const [first, second] = derivatives(inverse);
    if (first > 0) high = inverse;
    else low = inverse;
    const newton = inverse - first / second;
    const isInside = newton > low && newton < high;
    const next = isInside ? newton : Math.sqrt(low * high);
    if (Math.abs(next - inverse) < PRECISION * inverse) return 1 / next;
    inverse = next;
  }
  return 1 / inverse;
}

/**
 * Predictions with temperatures: the softmax of the logits divided by them.
 *
 * @param temperatureOf the temperature of each image
 */
export function withTemperature(
  { probabilities, classes, labels, correct }: Predictions,
  temperatureOf: (image: number) => number,
): Predictions {
  const scaled = new Float32Array(probabilities.length);
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const most = Math.log(Math.max(row[mostProbable(row)]!, SMALLEST));
    const inverse = 1 / temperatureOf(image);
    const weights = Float64Array.from(row, (p) =>
      Math.exp(inverse * (Math.log(Math.max(p, SMALLEST)) - most)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let c = 0; c < classes; c++) scaled[image * classes + c] = weights[c]! / sum;
  }
  return { probabilities: scaled, classes, labels, correct };
}
