import { expect } from 'vitest';

/**
 * The largest difference between two lists of equal length, divided by the largest magnitude in
 * `expected`.
 */
export function relativeError(received: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(received.length).toBe(expected.length);
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(received[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference; // Also catches NaN.
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return worst / scale;
}

/** Euclidean norm of numbers, or of their differences from as many others. */
export function norm(values: ArrayLike<number>, from?: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
