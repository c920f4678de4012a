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

/** Euclidean norm. */
export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** Euclidean distance. @param to as long as `from` */
export function distance(from: ArrayLike<number>, to: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < from.length; i++) sum += (from[i]! - to[i]!) ** 2;
  return Math.sqrt(sum);
}
