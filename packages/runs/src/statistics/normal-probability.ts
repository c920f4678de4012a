/**
 * Probability that a standard normal variable is below `z`, with an absolute error under 1e-15.
 *
 * Source: G. Marsaglia, "Evaluating the normal distribution", Journal of Statistical Software 11
 * (2004): the Taylor series of the distribution divided by its density.
 *
 * @param z any number; infinite values give 0 and 1.
 * @returns a probability, 0..1.
 */
export function normalProbability(z: number): number {
  // Beyond these, the rest is smaller than the error.
  if (z <= -8.3) return 0;
  if (z >= 8.3) return 1;
  let term = z;
  let sum = z;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return Math.min(1, Math.max(0, 0.5 + (sum * Math.exp(-(z * z) / 2)) / Math.sqrt(2 * Math.PI)));
}
