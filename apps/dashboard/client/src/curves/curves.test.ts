import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignLines } from './align.ts';
import { smooth } from './smooth.ts';

describe('smooth', () => {
  it('keeps a constant, and is the weighted mean of all values so far', () => {
    for (const value of smooth([3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, weight) => {
          const last = smooth(values, weight).at(-1)!;
          const weights = values.map((_, i) => weight ** (values.length - 1 - i));
          const mean =
            values.reduce((sum, value, i) => sum + value * weights[i]!, 0) /
            weights.reduce((a, b) => a + b, 0);
          expect(last).toBeCloseTo(mean, 8);
        },
      ),
    );
  });

  it('skips gaps', () => {
    expect([...smooth([1, Number.NaN, 1], 0.5)]).toEqual([1, Number.NaN, 1]);
    expect([...smooth([4, 2], 0)]).toEqual([4, 2]);
  });
});

describe('alignLines', () => {
  it('keeps few points at their positions', () => {
    const lines = [
      { x: [1, 3], y: [10, 30] },
      { x: [2, 3], y: [5, Number.NaN] },
    ];
    expect(alignLines(lines, null, 100)).toEqual({
      x: [1, 2, 3],
      y: [
        [10, null, 30],
        [null, 5, null],
      ],
    });
  });

  it('keeps one point beyond each end of the visible range', () => {
    const line = { x: [0, 1, 2, 3, 4, 5], y: [0, 1, 2, 3, 4, 5] };
    expect(alignLines([line], [1.5, 3.5], 100).x).toEqual([1, 2, 3, 4]);
  });

  it('leaves out a line that ends before the visible range or starts after it', () => {
    const shown = {
      x: Array.from({ length: 100 }, (_, i) => i),
      y: new Array<number>(100).fill(1),
    };
    for (const columns of [10, 1000]) {
      const { y } = alignLines(
        [
          shown,
          { x: [100, 101], y: [99, 99] },
          { x: [-2, -1], y: [99, 99] },
          { x: [20, 90], y: [7, 7] },
        ],
        [30, 80],
        columns,
      );
      expect(y.map((values) => [...new Set(values.filter((value) => value !== null))])).toEqual([
        [1],
        [],
        [],
        [7],
      ]);
    }
  });

  it('keeps spikes of long lines, and no more points than fit on the screen', () => {
    const x = Array.from({ length: 100_000 }, (_, i) => i);
    const y = x.map((i) => (i === 54_321 ? 99 : i === 77_777 ? -99 : 0));
    const {
      x: places,
      y: [values],
    } = alignLines([{ x, y }], null, 500);
    expect(places).toHaveLength(1000);
    expect(Math.max(...values!.map((v) => v ?? 0))).toBe(99);
    expect(Math.min(...values!.map((v) => v ?? 0))).toBe(-99);
    expect(places.every((place, i) => i === 0 || place > places[i - 1]!)).toBe(true);
  });

  it('accepts many points at one position', () => {
    const x = Array.from({ length: 5000 }, () => 1);
    expect(alignLines([{ x, y: x }], null, 10).x).toEqual([1]);
  });

  it('keeps the lowest and highest point of each column', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
          minLength: 50,
          maxLength: 300,
        }),
        (y) => {
          const {
            y: [values],
          } = alignLines([{ x: y.map((_, i) => i), y }], null, 20);
          const known = values!.filter((value) => value !== null);
          expect(Math.min(...known)).toBe(Math.min(...y));
          expect(Math.max(...known)).toBe(Math.max(...y));
        },
      ),
    );
  });
});
