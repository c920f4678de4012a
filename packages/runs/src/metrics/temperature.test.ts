import { describe, expect, it } from 'vitest';
import { peerCalibrations } from '../../test/peer-calibrations.ts';
import { predictionsOf } from '../../test/peer-metrics.ts';
import { calibration } from './calibration.ts';
import { debiasedCalibrationError } from './debiased-calibration-error.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { fitTemperature, withTemperature } from './temperature.ts';

describe.each(peerCalibrations)('on $images images', ({ predictions, ...peer }) => {
  it('the debiased error equals that of its authors, but for the chance of their draws', () => {
    const { ece, bins } = calibration(predictions);
    expect(ece).toBeCloseTo(peer.plugIn, 6);
    expect(Math.abs(debiasedCalibrationError(bins) - peer.debiased)).toBeLessThan(2e-4);
  });

  it('the temperature and its likelihood equal those of scipy', () => {
    const temperature = fitTemperature(predictions, predictions.labels.keys());
    expect(Math.abs(temperature / peer.temperature - 1)).toBeLessThan(1e-4);
    const scaled = withTemperature(predictions, () => temperature);
    expect(negativeLogLikelihood(scaled)).toBeCloseTo(peer.nll, 6);
    expect(scaled.correct).toEqual(predictions.correct);
  });
});

describe('fitTemperature', () => {
  it('stays in its range if no temperature is the best', () => {
    const sure = predictionsOf(
      [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      [0, 1],
    );
    expect(fitTemperature(sure, [0, 1])).toBeCloseTo(0.01, 3);
    const wrong = predictionsOf(
      [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      [1, 0],
    );
    expect(fitTemperature(wrong, [0, 1])).toBeCloseTo(100, 0);
    const equal = predictionsOf([[0.5, 0.5]], [0]);
    const temperature = fitTemperature(equal, [0]);
    expect(temperature).toBeGreaterThanOrEqual(0.01);
    expect(temperature).toBeLessThanOrEqual(100.001);
  });

  it('scales probabilities of 0 and 1 to finite ones', () => {
    const certain = predictionsOf([[1, 0, 0]], [0]);
    const { probabilities } = withTemperature(certain, () => 50);
    expect(probabilities.every((p) => p > 0 && p < 1)).toBe(true);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  });
});
