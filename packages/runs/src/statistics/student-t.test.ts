import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scipy } from '../../test/statistics/scipy.ts';
import { studentTQuantile, studentTWithin } from './student-t.ts';

test('equals scipy', () => {
  for (const [t, degrees, within] of scipy.studentT)
    expect(studentTWithin(t, degrees), `${t}, ${degrees}`).toBeCloseTo(within, 12);
});

test('the quantile equals scipy', () => {
  for (const [p, degrees, t] of scipy.studentTQuantile)
    expect(studentTQuantile(p, degrees) / t, `${p}, ${degrees}`).toBeCloseTo(1, 9);
});

test('the quantile is the inverse', () => {
  const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(probability, fc.integer({ min: 1, max: 60 }), (p, degrees) => {
      expect(studentTWithin(studentTQuantile(p, degrees), degrees)).toBeCloseTo(p, 9);
    }),
  );
  expect(studentTQuantile(0.95, 2)).toBeCloseTo(4.302652729911275, 9);
});

test('grows from 0 to 1', () => {
  expect(studentTWithin(0, 5)).toBe(0);
  expect(studentTWithin(Infinity, 5)).toBe(1);
});

test('never exceeds 1 by rounding', () => {
  // One assertion for 80,000 values: each takes longer than the value.
  let largest = 0;
  for (let degrees = 1; degrees <= 60; degrees++) {
    for (let t = 1; t < 1e6; t *= 1.01) largest = Math.max(largest, studentTWithin(t, degrees));
  }
  expect(largest).toBe(1);
});

test.each([
  [() => studentTWithin(-1, 2), 't must be at least 0, got -1.'],
  [() => studentTWithin(1, 0), 'degrees must be a whole number of at least 1, got 0.'],
  [() => studentTQuantile(1, 2), 'probability must be between 0 and 1, got 1.'],
])('rejects what lies outside: case %#', (call, message) => {
  expect(call).toThrow(message);
});
