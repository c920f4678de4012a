import { describe, expect, it } from 'vitest';
import { takesStepsUnshared } from './unshared-steps.ts';

describe('takesStepsUnshared', () => {
  // Weights of a classifier of 2048 features, with biases.
  const weights = (classes: number): number => 2049 * classes;

  it.each([
    // The exchange would take a millisecond, the other half of the batch 16 microseconds.
    [true, weights(5), 16, 2],
    [true, weights(102), 64, 8],
    [true, weights(1000), 64, 2],
    // 128 images of others take 52 ms, 8 MB in buckets 17.
    [false, weights(1000), 256, 2],
    [false, weights(21_000), 1024, 8],
  ])('is %s for %i weights, batch %i and %i processes', (expected, count, batchSize, ranks) => {
    expect(takesStepsUnshared(count, { batchSize, ranks })).toBe(expected);
  });
});
