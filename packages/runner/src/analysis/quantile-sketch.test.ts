import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

const values = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    // Also those that no float32 has, as long as the middle of a bin is a normal number.
    fc.double({ min: -1e300, max: 1e300, noNaN: true }).filter((value) => Math.abs(value) > 1e-300),
  ),
  {
    minLength: 1,
    maxLength: 200,
  },
);

it('knows every quantile to half a percent, and zeros exactly', () => {
  fc.assert(
    fc.property(
      values,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (given, fractions) => {
        const sketch = new QuantileSketch();
        for (const value of given) sketch.add(value);
        const sorted = given.toSorted((a, b) => a - b);
        for (const [i, quantile] of sketch.quantiles(fractions).entries()) {
          const exact = sorted[Math.floor(fractions[i]! * (given.length - 1))]!;
          expect(Math.abs(quantile - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.005001);
        }
        expect(sketch.zeros).toBe(given.filter((value) => value === 0).length);
        expect(sketch.count).toBe(given.length);
      },
    ),
  );
});

it('of nothing has no quantile', () => {
  expect(new QuantileSketch().quantiles([0.5])).toEqual([NaN]);
});
