/** Probabilities of a sum of integers: `probabilities[i]` belongs to the value `from + i`. */
interface Distribution {
  from: number;
  probabilities: Float64Array;
}

/**
 * Distribution of the number of heads in `n` fair tosses, without its tails that are too improbable
 * for a double.
 */
function fairTosses(n: number): Distribution {
  let logTerm = -n * Math.LN2;
  const logs = [logTerm];
  for (let k = 1; k <= n; k++) logs.push((logTerm += Math.log((n - k + 1) / k)));
  const first = logs.findIndex((log) => log > -700);
  return {
    from: first,
    probabilities: Float64Array.from(logs.slice(first, n - first + 1), Math.exp),
  };
}

/**
 * Two-sided sign-flip permutation test that a mean difference is zero. Under the hypothesis each
 * image's difference is as likely to have one sign as the other. All sign patterns are counted (as
 * sums of binomial variables, one for each size of difference), so the p-value is exact and needs
 * no random draws. With differences of -1, 0 and 1 it is McNemar's exact test.
 *
 * Source: R. A. Fisher, "The Design of Experiments" (1935), section 21.
 *
 * @param differences one integer per image, for example the sum over seeds of `a - b`.
 * @returns the p-value in 0..1: the probability of a sum at least as far from 0 as the observed
 * one.
 */
export function signFlipTest(differences: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const d of differences)
    if (d !== 0) counts.set(Math.abs(d), (counts.get(Math.abs(d)) ?? 0) + 1);
  // A size k met n times adds k * (2 * heads - n) to the sum.
  let total: Distribution = { from: 0, probabilities: Float64Array.of(1) };
  for (const [size, n] of counts) {
    const heads = fairTosses(n);
    const last = heads.probabilities.length - 1;
    const sum = new Float64Array(total.probabilities.length + last * size * 2);
    total.probabilities.forEach((p, i) => {
      if (p !== 0) heads.probabilities.forEach((q, k) => (sum[i + k * size * 2]! += p * q));
    });
    total = { from: total.from + size * (2 * heads.from - n), probabilities: sum };
  }
  const observed = Math.abs(differences.reduce((sum, d) => sum + d, 0));
  let p = 0;
  total.probabilities.forEach((probability, i) => {
    if (Math.abs(total.from + i) >= observed) p += probability;
  });
  return Math.min(1, p);
}
