import type { PooledAccuracy } from '../events/events.ts';
import { type BootstrapOptions, bootstrapInterval } from './bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixShape } from './correctness-matrix.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** With fewer correct (or wrong) images, a resample hardly differs from the sample. */
const ENOUGH = 10;

/**
 * Accuracy with its interval: Wilson's for one seed, the cluster bootstrap over images and seeds
 * for several. Near 0 and 1 the bootstrap sees almost no variation. If fewer than ten images are
 * correct, or wrong, on average over the seeds, the interval is therefore at least as wide as
 * Wilson's over the images.
 *
 * @throws RangeError if the matrix is empty or uneven, a value is neither 0 nor 1, or `resamples`
 * is under 100.
 */
export function pooledAccuracy(
  matrix: CorrectnessMatrix,
  options: BootstrapOptions = {},
): PooledAccuracy {
  const { seeds, images } = matrixShape('matrix', matrix);
  const total = seeds * images;
  const correct = matrix.reduce(
    (sum, row) => row.reduce((rowSum, value) => rowSum + value, sum),
    0,
  );
  const result = (ci95: [number, number]): PooledAccuracy => ({
    accuracy: correct / total,
    ci95,
    correct,
    total,
  });
  const wilson = wilsonInterval(correct / seeds, images);
  if (seeds === 1) return result(wilson);
  const [low, high] = bootstrapInterval(matrix, options);
  const isNearEnd = Math.min(correct, total - correct) / seeds < ENOUGH;
  return result(isNearEnd ? [Math.min(low, wilson[0]), Math.max(high, wilson[1])] : [low, high]);
}
