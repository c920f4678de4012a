import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holmAdjust } from './holm.ts';

test('steps down from the smallest value', () => {
  const adjusted = holmAdjust([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((value, i) => expect(adjusted[i]).toBeCloseTo(value, 14));
});

test('leaves one value alone and accepts none', () => {
  expect(holmAdjust([0.2])).toEqual([0.2]);
  expect(holmAdjust([])).toEqual([]);
});

test('never makes a value smaller, exceeds 1 or Bonferroni, or changes the order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (p) => {
      const adjusted = holmAdjust(p);
      expect(adjusted).toHaveLength(p.length);
      p.forEach((value, i) => {
        expect(adjusted[i]).toBeGreaterThanOrEqual(value);
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, value * p.length));
        p.forEach((other, j) => {
          if (value < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        });
      });
    }),
  );
});

test.each([1.1, -0.1, Number.NaN])('rejects %s', (p) => {
  expect(() => holmAdjust([0.5, p])).toThrow(`p must contain values from 0 to 1, got ${p}.`);
});
