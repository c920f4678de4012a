import { expect, it } from 'vitest';
import type { RecordedPredictions } from '../metrics/predictions.ts';
import { armMetrics } from './arm-metrics.ts';

/**
 * Two classes; always 85 % confident in the first, for images of which a fraction is of the first
 * class.
 */
function sureOf(right: number, images: number): RecordedPredictions {
  return {
    files: Array.from({ length: images }, (_, i) => `${i}.jpg`),
    classes: 2,
    probabilities: Float32Array.from({ length: images * 2 }, (_, i) => (i % 2 === 0 ? 0.85 : 0.15)),
    labels: Int32Array.from({ length: images }, (_, i) => Number(i >= right)),
    correct: Uint8Array.from({ length: images }, (_, i) => Number(i < right)),
    damaged: 0,
  };
}

it('armMetrics does not let the calibration errors of two models cancel out', () => {
  // One is correct too often and one too rarely, by 15 points each; combined, they would look well
  // calibrated.
  expect(armMetrics('small', [sureOf(100, 100), sureOf(70, 100)])).toMatchObject({
    arm: 'small',
    seeds: 2,
    ece: { mean: expect.closeTo(0.15, 6) as number },
  });
});
