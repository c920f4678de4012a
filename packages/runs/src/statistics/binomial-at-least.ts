/** Probability that of `n` trials at least `k` succeed, each with probability `p` (0..1). */
export function binomialAtLeast(k: number, n: number, p: number): number {
  if (k > n) return 0;
  if (p === 1) return 1;
  let term = (1 - p) ** n;
  let fewer = 0;
  for (let i = 0; i < k; i++) {
    fewer += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return 1 - fewer;
}

/**
 * Number of images that must all favour one classifier for an exact paired test to be significant:
 * the smallest `k` with 2^(1 - k) <= alpha.
 */
export function fewestInFavour(alpha: number): number {
  return Math.ceil(1 - Math.log2(alpha) - 1e-9);
}
