import type { PooledAccuracy } from '../events.ts';
import { type BootstrapOptions, bootstrapInterval } from './bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixShape } from './correctness-matrix.ts';
import { wilsonInterval } from './wilson-interval.ts';

/**
 * Accuracy with its interval: Wilson's for one seed, the cluster bootstrap over images and seeds for several. When several seeds
 * get everything right, or everything wrong, no resample differs; the interval is then Wilson's over the images.
 *
 * @throws RangeError when the matrix is empty or uneven, a value is neither 0 nor 1, or `resamples` is under 100.
 */
export function pooledAccuracy(matrix: CorrectnessMatrix, options: BootstrapOptions = {}): PooledAccuracy {
  const { seeds, images } = matrixShape('matrix', matrix);
  const total = seeds * images;
  const correct = matrix.reduce((sum, row) => row.reduce((rowSum, value) => rowSum + value, sum), 0);
  const uniform = correct === 0 || correct === total;
  const ci95 = seeds === 1 || uniform ? wilsonInterval(correct / seeds, images) : bootstrapInterval(matrix, options);
  return { accuracy: correct / total, ci95, correct, total };
}
