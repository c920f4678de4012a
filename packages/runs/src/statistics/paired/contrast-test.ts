import { normalProbability } from '../normal-probability.ts';
import { signFlipTest } from './sign-flip-test.ts';

/**
 * The sign-flip test that the mean of a contrast is 0. The number of patterns grows with the images
 * and with the sizes of their sums, and for many the distribution of the total is normal.
 *
 * @param sums one integer per image
 * @param exact up to this number of images, all patterns are counted
 */
export function contrastTest(sums: readonly number[], exact: number): number {
  if (sums.length <= exact) return signFlipTest(sums);
  const sum = sums.reduce((all, value) => all + value, 0);
  const variance = sums.reduce((all, value) => all + value * value, 0);
  return variance === 0 ? 1 : 2 * normalProbability(-Math.abs(sum) / Math.sqrt(variance));
}
