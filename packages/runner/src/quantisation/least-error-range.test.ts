import { expect, it } from 'vitest';
import { leastErrorRange } from './least-error-range.ts';

/** Numbers with the given quantiles. */
function sample(count: number, quantile: (p: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count));
}

function laplace(p: number): number {
  return p < 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p));
}

it('clips a Laplace distribution of scale 1 at 9.89, as Banner et al. (2019) derive for 8 bits', () => {
  const { low, high } = leastErrorRange(sample(1_000_000, laplace));
  expect(low).toBeGreaterThan(-10.4);
  expect(low).toBeLessThan(-9.4);
  expect(high).toBeGreaterThan(9.4);
  expect(high).toBeLessThan(10.4);
});

it('keeps all of a uniform distribution, also on one side of 0', () => {
  const both = leastErrorRange(sample(10_000, (p) => 4 * p - 2));
  expect(both.low).toBeCloseTo(-2, 1);
  expect(both.high).toBeCloseTo(2, 1);
  expect(leastErrorRange(sample(10_000, (p) => 2 + p))).toEqual({
    low: 0,
    high: Math.fround(2.99995),
  });
  expect(leastErrorRange(sample(10_000, (p) => -2 - p)).high).toBe(0);
});

it('has a smaller error than any other range, counted number by number', () => {
  // After a ReLU.
  const numbers = sample(200_000, (p) => Math.max(0, laplace(p)));
  const errorOf = ({ low, high }: { low: number; high: number }): number => {
    const step = (high - low) / 255;
    const zero = Math.round(-low / step);
    return numbers.reduce((sum, value) => {
      const level = Math.min(255, Math.max(0, Math.round(value / step) + zero));
      return sum + (value - (level - zero) * step) ** 2;
    }, 0);
  };
  const best = leastErrorRange(Float32Array.from(numbers));
  const error = errorOf(best);
  expect(error).toBeLessThan(0.9 * errorOf({ low: 0, high: numbers.at(-1)! }));
  for (const factor of [0.5, 0.7, 1.4, 2])
    expect(error).toBeLessThan(errorOf({ low: best.low, high: best.high * factor }));
});

it('takes numbers that are all the same, and zeros', () => {
  expect(leastErrorRange(Float32Array.of(3, 3))).toEqual({ low: 0, high: 3 });
  expect(leastErrorRange(Float32Array.of(0, 0))).toEqual({ low: 0, high: 0 });
});
