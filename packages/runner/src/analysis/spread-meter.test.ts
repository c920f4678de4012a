import { activationQuantiles } from '@fixres/runs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SpreadMeter } from './spread-meter.ts';

const values = fc.array(
  fc.oneof(fc.constant(0), fc.float({ noNaN: true, noDefaultInfinity: true })),
  {
    minLength: 1,
    maxLength: 200,
  },
);

it('measures quantiles within half a percent, and zeros exactly', () => {
  fc.assert(
    fc.property(values, (given) => {
      const meter = new SpreadMeter();
      const half = Math.floor(given.length / 2);
      meter.add(given.slice(0, half));
      meter.add(Float32Array.from(given.slice(half)));
      const sorted = given.toSorted((a, b) => a - b);
      const { zeros, quantiles } = meter.spread();
      for (const [i, q] of activationQuantiles.entries()) {
        const exact = sorted[Math.floor(q * (given.length - 1))]!;
        expect(Math.abs(quantiles[i]! - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.005001);
      }
      expect(zeros).toBe(given.filter((value) => value === 0).length / given.length);
    }),
  );
});

it.each([NaN, Infinity, -Infinity])('has no quantile with %s among the values', (value) => {
  const meter = new SpreadMeter();
  meter.add([1, value, 0, 2]);
  const { sd, zeros, quantiles } = meter.spread();
  expect(sd).toBeNaN();
  expect(zeros).toBe(0.25);
  expect(quantiles).toEqual(activationQuantiles.map(() => NaN));
});

it('has no value without values', () => {
  expect(new SpreadMeter().spread().quantiles).toEqual(activationQuantiles.map(() => NaN));
});
