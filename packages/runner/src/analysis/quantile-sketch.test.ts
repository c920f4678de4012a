import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

const values = fc.array(
  fc.oneof(fc.constant(0), fc.float({ noNaN: true, noDefaultInfinity: true })),
  {
    minLength: 1,
    maxLength: 200,
  },
);

it('knows every quantile to half a percent, and zeros exactly', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, q) => {
      const sketch = new QuantileSketch();
      for (const value of given) sketch.add(value);
      const exact = given.toSorted((a, b) => a - b)[Math.floor(q * (given.length - 1))]!;
      expect(Math.abs(sketch.quantile(q) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.005001);
      expect(sketch.zeros).toBe(given.filter((value) => value === 0).length);
      expect(sketch.count).toBe(given.length);
    }),
  );
});

it('of nothing has no quantile', () => {
  expect(new QuantileSketch().quantile(0.5)).toBeNaN();
});
