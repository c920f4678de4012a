import fc from 'fast-check';
import { expect, test } from 'vitest';
import { niceScale, tickDigits } from './scale.ts';

test('puts round ticks around the values and places them in percent', () => {
  const scale = niceScale([0.62, 0.786]);
  expect(scale.ticks).toEqual([0.6, 0.65, 0.7, 0.75, 0.8]);
  expect([0.6, 0.65, 0.8].map(scale.place)).toEqual([0, 25, 100]);
});

test('keeps 0 as a tick if values are on both sides', () => {
  expect(niceScale([-0.084, 0.112], { intervals: 4 }).ticks).toEqual([
    -0.1, -0.05, 0, 0.05, 0.1, 0.15,
  ]);
});

test('stays inside its bounds', () => {
  expect(niceScale([0.97, 1], { bounds: [0, 1] }).ticks.at(-1)).toBe(1);
  expect(niceScale([1, 1], { bounds: [0, 1] }).ticks.at(-1)).toBe(1);
  expect(niceScale([0, 0], { bounds: [0, 1] }).ticks[0]).toBe(0);
});

test('covers all values by few ticks at equal distances, inside its bounds', () => {
  const value = fc.integer({ min: 0, max: 10_000 }).map((part) => part / 10_000);
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 2, max: 8 }),
      fc.constantFrom(-1e6, -1, 1e-4, 1, 100),
      (parts, intervals, factor) => {
        const values = parts.map((part) => part * factor);
        const bounds = [Math.min(0, factor), Math.max(0, factor)] as const;
        const { ticks, step, place } = niceScale(values, { intervals, bounds });
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(2 * intervals + 2);
        for (const [i, tick] of ticks.entries()) {
          expect((tick - ticks[0]!) / step).toBeCloseTo(i, 6);
          expect(tick).toBeGreaterThanOrEqual(bounds[0]);
          expect(tick).toBeLessThanOrEqual(bounds[1]);
        }
        for (const value of values) {
          expect(place(value)).toBeGreaterThanOrEqual(0);
          expect(place(value)).toBeLessThanOrEqual(100);
        }
      },
    ),
  );
});

test('has two ticks at least, also for one interval around 0', () => {
  expect(niceScale([-1, 1], { intervals: 1 }).ticks).toEqual([-1, 0, 1]);
  expect(niceScale([0], { smallestStep: 1 }).ticks.length).toBeGreaterThanOrEqual(2);
});

test('has whole steps for epochs, also for a single one', () => {
  expect(niceScale([0, 1], { smallestStep: 1 }).ticks).toEqual([0, 1]);
  expect(niceScale([0, 26], { intervals: 6, smallestStep: 1 }).ticks).toEqual([
    0, 5, 10, 15, 20, 25, 30,
  ]);
});

const ODD_VALUES = [
  [],
  [Number.NaN],
  [3, 3],
  [-2, -2],
  [1e-9, 2e-9],
  [0, 1e7],
  // Equal but for rounding.
  [0.9900061729637841, 0.9900061729637843],
  [0.9143009247566067, 0.914300924756607],
  [1e-310, 2e-310],
  [0, 1e-320],
];

test.each(ODD_VALUES.map((values) => [values]))('has ticks and finite places for %j', (values) => {
  const scale = niceScale(values);
  expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
  expect(scale.ticks.length).toBeLessThanOrEqual(12);
  for (const value of values.filter(Number.isFinite)) {
    expect(scale.place(value)).toBeGreaterThanOrEqual(0);
    expect(scale.place(value)).toBeLessThanOrEqual(100);
  }
});

test('knows how many decimals its ticks need', () => {
  expect([10, 1, 0.5, 0.1, 0.05, 0.002].map(tickDigits)).toEqual([0, 0, 1, 1, 2, 3]);
});
