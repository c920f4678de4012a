import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateCurve, steepestRate } from './rate-curve.ts';

const rateAt = (i: number, updates: number): number => 1e-5 * (1 / 1e-5) ** (i / updates);

function curveOf(updates: number, lossAt: (i: number) => number) {
  const curve = new RateCurve();
  for (let i = 0; i < updates; i++) if (curve.add(rateAt(i, updates), lossAt(i))) break;
  return curve.points;
}

describe('RateCurve', () => {
  it('smooths with bias correction: a constant stays the same', () => {
    for (const { smoothed } of curveOf(50, () => 2.5)) expect(smoothed).toBeCloseTo(2.5, 10);
  });

  it('is the weighted mean of all losses so far', () => {
    const losses = [3, 1, 2];
    const { smoothed } = curveOf(3, (i) => losses[i]!).at(-1)!;
    // Weights 0.98^2, 0.98, 1.
    expect(smoothed).toBeCloseTo((3 * 0.98 ** 2 + 0.98 + 2) / (0.98 ** 2 + 0.98 + 1), 10);
  });

  it('ends when the average is four times its lowest value, or at a loss that is not a number', () => {
    const points = curveOf(200, (i) => (i < 100 ? 1 : 1000));
    expect(points.length).toBe(101);
    expect(curveOf(10, (i) => (i === 4 ? NaN : 1))).toHaveLength(4);
    expect(curveOf(10, (i) => (i === 4 ? Infinity : 1))).toHaveLength(4);
  });
});

describe('steepestRate', () => {
  const point = (learningRate: number, smoothed: number) => ({ learningRate, loss: 0, smoothed });

  it('finds the steepest fall against the logarithm of the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 80 }), (at) => {
        // A logistic fall whose middle is between two points.
        const points = Array.from({ length: 100 }, (_, i) =>
          point(rateAt(i, 100), 1 / (1 + Math.exp((i - at - 0.5) / 4))),
        );
        expect(steepestRate(points, 100)).toBe(points[at]!.learningRate);
      }),
    );
  });

  it('leaves out the first tenth and the last five updates', () => {
    const points = Array.from({ length: 100 }, (_, i) =>
      point(rateAt(i, 100), i < 5 ? 10 - 2 * i : i > 96 ? -i : 1 - i / 100),
    );
    const rate = steepestRate(points, 100)!;
    expect(rate).toBeGreaterThanOrEqual(rateAt(10, 100));
    expect(rate).toBeLessThan(rateAt(95, 100));
  });

  it('is not misled by the noise of the low rates', () => {
    const fall = (i: number): number => (i < 50 ? 2 : Math.max(1, 2 - (i - 50) / 30));
    const points = Array.from({ length: 100 }, (_, i) =>
      point(rateAt(i, 100), fall(i) + (i < 45 && i % 2 === 0 ? 0.05 : 0)),
    );
    const rate = steepestRate(points, 100)!;
    expect(rate).toBeGreaterThanOrEqual(rateAt(49, 100));
    expect(rate).toBeLessThan(rateAt(80, 100));
  });

  it('suggests nothing for few points, or a loss that only rises', () => {
    expect(steepestRate([point(1, 2), point(2, 1)], 10)).toBeUndefined();
    const rising = Array.from({ length: 50 }, (_, i) => point(rateAt(i, 50), i));
    expect(steepestRate(rising, 50)).toBeUndefined();
  });
});
