import type { PairedSeeds, SpreadOverSeeds } from '../events/events.ts';
import { type CorrectnessMatrix, matrixDifference, matrixShape } from './correctness-matrix.ts';
import { studentTQuantile, studentTWithin } from './student-t.ts';

/**
 * Accuracy of each seed, their mean and standard deviation.
 *
 * @throws RangeError if the matrix is empty or uneven, or a value is neither 0 nor 1
 */
export function accuracyOverSeeds(matrix: CorrectnessMatrix): SpreadOverSeeds {
  const { images } = matrixShape('matrix', matrix);
  return spreadOverSeeds(matrix.map((row) => row.reduce((sum, value) => sum + value, 0) / images));
}

/**
 * Compares two arms over seeds: paired t-test of their accuracies (W. S. Gosset, "The probable
 * error of a mean", Biometrika 6, 1908). It tests whether training again would give such a
 * difference, on these held-out images; `comparePaired` tests for other images. With two or three
 * seeds it finds only large differences.
 *
 * Differences are whole numbers of images, so on few images seeds agree exactly by chance, and a
 * deviation of 0 would make any difference certain. The test and its interval then use the smallest
 * deviation that these images can show, that of one seed being off by one image: seeds that agree
 * are at least as good evidence as these. `sd` stays the observed one, and if no seed shows a
 * difference, `p` is 1.
 *
 * @param a, b correctness under the same seeds, on the same images in the same order.
 * @throws RangeError if the shapes differ or a value is neither 0 nor 1
 */
export function compareOverSeeds(a: CorrectnessMatrix, b: CorrectnessMatrix): PairedSeeds {
  const { images } = matrixShape('a', a);
  const differences = matrixDifference(a, b).map(
    (row) => row.reduce((sum, value) => sum + value, 0) / images,
  );
  const { values, mean, sd } = spreadOverSeeds(differences);
  if (sd === null) return { values, mean, sd, ci95: null, p: null };
  const degrees = values.length - 1;
  const leastSd = 1 / (images * Math.sqrt(values.length));
  const error = Math.max(sd, leastSd) / Math.sqrt(values.length);
  const half = studentTQuantile(0.95, degrees) * error;
  const p = mean === 0 ? 1 : 1 - studentTWithin(Math.abs(mean) / error, degrees);
  return { values, mean, sd, ci95: [mean - half, mean + half], p };
}

/** Mean and standard deviation of a value measured once per seed, for at least one seed. */
export function spreadOverSeeds(values: number[]): SpreadOverSeeds {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { values, mean, sd: null };
  // Equal values: rounding of their mean must not look like variation.
  if (values.every((value) => value === values[0])) return { values, mean: values[0]!, sd: 0 };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { values, mean, sd: Math.sqrt(squares / (n - 1)) };
}
