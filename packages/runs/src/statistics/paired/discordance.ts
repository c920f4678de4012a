import { type CorrectnessMatrix, matrixDifference } from '../correctness-matrix.ts';

/**
 * Disagreement of two classifiers on the same images: mean over images of the squared mean
 * difference over seeds, 0..1. With one seed this is the discordance rate, the fraction of the
 * images that exactly one of the two classifies correctly. The average over seeds is smaller, which
 * is why several seeds detect smaller differences.
 *
 * @throws RangeError if the shapes differ or a value is neither 0 nor 1.
 */
export function discordance(a: CorrectnessMatrix, b: CorrectnessMatrix): number {
  const values = matrixDifference(a, b);
  const images = values[0]!.length;
  let sum = 0;
  for (let i = 0; i < images; i++)
    sum += (values.reduce((total, row) => total + row[i]!, 0) / values.length) ** 2;
  return sum / images;
}
