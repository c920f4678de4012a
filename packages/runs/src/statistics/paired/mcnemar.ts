/**
 * Exact two-sided McNemar test: the binomial test of an even split of the discordant pairs. No
 * mid-p correction, so the test never exceeds its level.
 *
 * Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions
 * or percentages", Psychometrika 12 (1947); exact form as in A. Agresti, "Categorical Data
 * Analysis", section on matched pairs.
 *
 * @param b number of pairs that only the first classifier classifies correctly.
 * @param c number of pairs that only the second classifier classifies correctly.
 * @returns the p-value in 0..1; 1 without discordant pairs.
 * @throws RangeError if a count is not an integer of at least 0.
 */
export function mcnemarExact(b: number, c: number): number {
  for (const [name, value] of Object.entries({ b, c })) {
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`${name} must be an integer of at least 0, got ${value}.`);
  }
  if (b === c) return 1;
  const n = b + c;
  const k = Math.min(b, c);
  let logLargest = -n * Math.LN2;
  for (let i = 1; i <= k; i++) logLargest += Math.log((n - k + i) / i);
  // Terms relative to the largest one, C(n, k): each smaller one follows from its neighbour.
  let term = 1;
  let sum = 1;
  for (let i = k; i > 0 && term > sum * 1e-18; i--) {
    term *= i / (n - i + 1);
    sum += term;
  }
  return Math.min(1, 2 * sum * Math.exp(logLargest));
}
