import { expect } from 'vitest';

/** The quantiles 0, 1/40, ... 1 of a reference's draws. */
export interface QuantileFixture {
  draws: number;
  quantiles: Record<string, number[]>;
}

/**
 * Expects our draws to have a reference's distribution: the two-sample Kolmogorov-Smirnov test at
 * 0.01 %, evaluated at the reference's 40 quantiles. Ties (the whole image, offset 0) put many
 * draws on one value; the reference's quantile is then between the two counts.
 */
export function expectSameDistribution(
  name: string,
  samples: readonly number[],
  fixture: QuantileFixture,
): void {
  const { draws } = fixture;
  const limit = 2.23 * Math.sqrt(1 / draws + 1 / samples.length);
  fixture.quantiles[name]!.forEach((value, i) => {
    const below = samples.filter((sample) => sample < value - 1e-4).length / samples.length;
    const upTo = samples.filter((sample) => sample <= value + 1e-4).length / samples.length;
    expect(below, `${name} quantile ${i}`).toBeLessThanOrEqual(i / 40 + limit);
    expect(upTo, `${name} quantile ${i}`).toBeGreaterThanOrEqual(i / 40 - limit);
  });
}

/**
 * Largest distance between the draws' distribution and `cumulative`: the one-sample
 * Kolmogorov-Smirnov statistic.
 */
export function kolmogorovSmirnov(
  samples: readonly number[],
  cumulative: (value: number) => number,
): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted.reduce((most, value, i) => {
    const expected = cumulative(value);
    return Math.max(most, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }, 0);
}

/** Pearson's chi-square of counts against equal frequencies. */
export function chiSquareUniform(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
