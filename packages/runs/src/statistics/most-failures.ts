/**
 * Largest number of failures in `n` trials with which the rate of failures is shown to be below a limit:
 * the largest `k` with P(X <= k) <= `level` for X binomial with the rate `limit`. It is the exact test of
 * Clopper and Pearson (Biometrika 26, 1934).
 *
 * Summed in logarithms, so that it is right for any number of trials.
 *
 * @param n whole number of at least 1
 * @param limit in the open interval (0, 1)
 * @param level probability of a wrong statement, in the open interval (0, 1)
 * @returns -1 if not even no failure at all would show it
 */
export function mostFailures(n: number, limit: number, level: number): number {
  const odds = Math.log(limit) - Math.log1p(-limit);
  const most = Math.log(level);
  let term = n * Math.log1p(-limit);
  let sum = term;
  let k = 0;
  while (k <= n && sum <= most) {
    term += Math.log((n - k) / (k + 1)) + odds;
    k += 1;
    // log(exp(sum) + exp(term)), without overflow.
    sum = Math.max(sum, term) + Math.log1p(Math.exp(-Math.abs(sum - term)));
  }
  return k - 1;
}
