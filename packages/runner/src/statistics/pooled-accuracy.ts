import { type BootstrapOptions, bootstrapInterval } from './bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixShape } from './correctness-matrix.ts';
import { wilsonInterval } from './wilson-interval.ts';

export interface PooledAccuracy {
  /** Mean accuracy over images and seeds, 0..1. */
  accuracy: number;
  /** 95 % interval of the accuracy, `[lo, hi]`. */
  ci95: [number, number];
  /** Right predictions, summed over seeds. */
  correct: number;
  /** Images x seeds. */
  total: number;
}

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
