import { type CorrectnessMatrix, matrixDifference } from '../correctness-matrix.ts';

/**
 * Sources of variation of the difference of two arms, as variances of the difference `d` on one
 * image with one seed: 1 if only the first arm is correct, -1 if only the second is, else 0. The
 * mean of `d` over N images and S seeds has the variance
 *
 *     overImages / N + overSeeds / S + residual / (N * S)
 */
export interface DifferenceVariance {
  /** Between images, after averaging over seeds: some images favour one arm, however it is trained. At least 0. */
  overImages: number;
  /** Between seeds, after averaging over images: training again changes the difference. At least 0. */
  overSeeds: number;
  /** Everything else: other seeds of an arm err on other images. At least 0. */
  residual: number;
}

/**
 * Estimates the sources of variation from two arms with the same seeds, at least two, on the same
 * images, at least two: the mean squares of a two-way layout without replication, equated to their
 * expectations. An estimate below 0 becomes 0.
 *
 * The deviation between seeds is uncertain if there are few: with three seeds, the true one is
 * between half of the estimate and six times as much (95 % interval, chi-squared).
 *
 * Source: S. R. Searle, G. Casella and C. E. McCulloch, "Variance components" (1992), chapter 4.
 * Images and seeds are the cases and readers of B. D. Gallas, "One-shot estimate of MRMC variance",
 * Academic Radiology 13 (2006).
 *
 * @param a, b correctness under the same seeds, on the same images in the same order.
 * @throws RangeError if the shapes differ, a value is neither 0 nor 1, or there is one seed or image.
 */
export function differenceVariance(a: CorrectnessMatrix, b: CorrectnessMatrix): DifferenceVariance {
  const values = matrixDifference(a, b);
  const seeds = values.length;
  const images = values[0]!.length;
  if (seeds < 2 || images < 2)
    throw new RangeError(
      `a and b must have at least 2 seeds and 2 images, got ${seeds} x ${images}.`,
    );
  const ofSeed = values.map((row) => row.reduce((sum, d) => sum + d, 0) / images);
  const ofImage = Float64Array.from(
    { length: images },
    (_, i) => values.reduce((sum, row) => sum + row[i]!, 0) / seeds,
  );
  const mean = ofSeed.reduce((sum, value) => sum + value, 0) / seeds;
  let rest = 0;
  for (const [s, row] of values.entries())
    for (const [i, d] of row.entries()) rest += (d - ofSeed[s]! - ofImage[i]! + mean) ** 2;
  const residual = rest / ((images - 1) * (seeds - 1));
  const betweenImages =
    (seeds * ofImage.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / (images - 1);
  const betweenSeeds =
    (images * ofSeed.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / (seeds - 1);
  return {
    overImages: Math.max(0, (betweenImages - residual) / seeds),
    overSeeds: Math.max(0, (betweenSeeds - residual) / images),
    residual,
  };
}
