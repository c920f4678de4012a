import { expect, test } from 'vitest';
import { normalQuantile } from './normal-quantile.ts';
import { scipy } from '../../test/statistics/scipy.ts';

test('equals scipy in the centre and in both tails', () => {
  for (const [probability, z] of scipy.normalQuantile) {
    expect(Math.abs(normalQuantile(probability) - z)).toBeLessThanOrEqual(
      1e-13 * Math.max(1, Math.abs(z)),
    );
  }
});

test('is odd around one half', () => {
  for (const p of [1e-6, 0.01, 0.07, 0.074, 0.076, 0.3])
    expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 9);
});

test.each([0, 1, -0.1, Number.NaN])('rejects the probability %s', (p) => {
  expect(() => normalQuantile(p)).toThrow(`probability must be between 0 and 1, got ${p}.`);
});
