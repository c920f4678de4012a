import { type BootstrapOptions, bootstrapInterval } from '../bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixDifference } from '../correctness-matrix.ts';
import { mcnemarExact } from './mcnemar.ts';
import { signFlipTest } from './sign-flip-test.ts';

export interface PairedComparison {
  /** accuracy(a) - accuracy(b), -1..1. */
  difference: number;
  /**
   * 95 % interval of the difference by the paired bootstrap, see `bootstrapInterval`. `[0, 0]` if
   * no prediction differs.
   */
  ci95: [number, number];
  /** Two-sided p-value of `test`, not corrected for the number of comparisons. */
  p: number;
  test: 'mcnemar-exact' | 'sign-flip permutation';
}

/**
 * Compares two classifiers on the same held-out images, image by image. With one seed the test is
 * McNemar's; with several it is the sign-flip permutation test over images of the mean difference
 * over seeds (never over images x seeds, which would count every image several times). The test is
 * about these trained models; the interval also covers training again with other seeds.
 *
 * @param a, b correctness under the same seeds, on the same images in the same order.
 * @throws RangeError if the shapes differ, a value is neither 0 nor 1, or `resamples` is under 100.
 */
export function comparePaired(
  a: CorrectnessMatrix,
  b: CorrectnessMatrix,
  options: BootstrapOptions = {},
): PairedComparison {
  const values = matrixDifference(a, b);
  const images = values[0]!.length;
  const sums = Array.from({ length: images }, (_, i) =>
    values.reduce((sum, row) => sum + row[i]!, 0),
  );
  const difference = sums.reduce((sum, d) => sum + d, 0) / (images * values.length);
  const ci95 = bootstrapInterval(values, options);
  if (values.length > 1)
    return { difference, ci95, p: signFlipTest(sums), test: 'sign-flip permutation' };
  const onlyA = sums.filter((d) => d > 0).length;
  const onlyB = sums.filter((d) => d < 0).length;
  return { difference, ci95, p: mcnemarExact(onlyA, onlyB), test: 'mcnemar-exact' };
}
