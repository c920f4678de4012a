import type { Random } from './rng.ts';

/**
 * The logarithm of a gamma variate with this shape and scale 1 (Marsaglia & Tsang 2000). In
 * logarithms, because with a small shape most variates are below the smallest number.
 */
function logGamma(shape: number, random: Random): number {
  // A variate of shape + 1 times U^(1 / shape) has this shape (ibid., section 6).
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random.next()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < x ** 2 / 2 + d * (1 - v + Math.log(v)))
      return Math.log(d * v);
  }
}

/** One draw of Dirichlet(alpha, ..., alpha): `n` numbers from 0 to 1 with the sum 1. */
export function dirichlet(alpha: number, n: number, random: Random): number[] {
  const logs = Array.from({ length: n }, () => logGamma(alpha, random));
  const most = Math.max(...logs);
  const parts = logs.map((log) => Math.exp(log - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

/** One draw of Beta(alpha, alpha), from 0 to 1. */
export function symmetricBeta(alpha: number, random: Random): number {
  return dirichlet(alpha, 2, random)[0]!;
}
