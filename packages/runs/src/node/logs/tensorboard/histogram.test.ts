import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf } from './histogram.ts';

describe('histogramOf', () => {
  it('counts every finite number once, in the bucket it lies in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1 }),
        (values) => {
          const { min, max, count, sum, limits, counts } = histogramOf([...values, NaN, Infinity]);
          expect([count, min, max]).toEqual([
            values.length,
            Math.min(...values),
            Math.max(...values),
          ]);
          expect(counts.reduce((all, one) => all + one, 0)).toBe(values.length);
          expect(limits).toHaveLength(counts.length);
          expect(limits.every((limit, i) => i === 0 || limit > limits[i - 1]!)).toBe(true);
          expect(sum).toBeCloseTo(
            values.reduce((all, one) => all + one, 0),
            3,
          );
        },
      ),
    );
  });

  it('has thirty buckets of equal width', () => {
    const { limits, counts } = histogramOf(Float32Array.from({ length: 300 }, (_, i) => i / 10));
    expect(counts).toHaveLength(30);
    expect(limits.at(-1)).toBeCloseTo(29.9, 5);
    expect(limits[0]).toBeCloseTo(29.9 / 30, 5);
    expect(histogramOf([2, 2]).counts).toEqual([2]);
    expect(histogramOf([NaN]).count).toBe(0);
  });
});
