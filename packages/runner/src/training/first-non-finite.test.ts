import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstNonFinite } from './first-non-finite.ts';

it('finds the first value that is not finite, wherever it is', () => {
  fc.assert(
    fc.property(fc.float32Array({ maxLength: 40 }), (values) => {
      expect(firstNonFinite(values)).toBe([...values].find((value) => !Number.isFinite(value)));
    }),
  );
});

it('takes the largest and smallest numbers as finite', () => {
  const largest = 2 ** 127 * (2 - 2 ** -23);
  expect(firstNonFinite(Float32Array.of(largest, -largest, 2 ** -149, -0))).toBeUndefined();
  expect(firstNonFinite(Float32Array.of(largest, -Infinity, NaN))).toBe(-Infinity);
});
