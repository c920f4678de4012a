import { createRandom } from '@fixres/data';
import { expect, it } from 'vitest';
import { peerCalibrations } from '../../test/peer-calibrations.ts';
import { predictionsOf } from '../../test/peer-metrics.ts';
import { calibration } from './calibration.ts';
import { debiasedCalibrationError } from './debiased-calibration-error.ts';
import { describeCalibration } from './describe-calibration.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import type { Predictions } from './predictions.ts';
import { fitTemperature } from './temperature.ts';

const idsOf = ({ labels }: Predictions): string[] => Array.from(labels, (_, i) => `${i}.jpg`);

/** Two classes; the first is correct less often than its confidence says, by `gap` everywhere. */
function overconfident(gap: number, images: number, seed: number): Predictions {
  const random = createRandom(seed, 'overconfident');
  const rows = Array.from({ length: images }, () => {
    const confidence = random.uniform(0.7, 1);
    return [confidence, 1 - confidence];
  });
  return predictionsOf(
    rows,
    rows.map(([confidence]) => (random.next() < confidence! - gap ? 0 : 1)),
  );
}

it('describes the predictions before and after a temperature that other images decided', () => {
  for (const { predictions, temperature } of peerCalibrations) {
    const { ece, bins } = calibration(predictions);
    const described = describeCalibration([predictions], { ids: idsOf(predictions) });
    expect(described.images).toBe(predictions.labels.length);
    expect(described.asTrained.ece).toBeCloseTo(ece, 12);
    expect(described.asTrained.debiasedEce).toBeCloseTo(debiasedCalibrationError(bins), 12);
    expect(described.asTrained.nll).toBe(negativeLogLikelihood(predictions));
    expect(described.temperature.mean).toBeCloseTo(temperature, 4);
    expect(described.change.difference).toBeCloseTo(
      described.scaled.debiasedEce - described.asTrained.debiasedEce,
      12,
    );
    // The models are a softmax with another temperature, which scaling finds.
    if (Math.abs(Math.log(temperature)) > 0.3) {
      expect(described.scaled.debiasedEce).toBeLessThan(described.asTrained.debiasedEce - 0.05);
    }
    if (temperature > 2) expect(described.change.ci95[1]).toBeLessThan(0);
  }
});

it('scores no image with a temperature that its own label decided', () => {
  // A model of pure noise: the temperature of an image alone would always suit its label.
  const random = createRandom(0, 'noise');
  const rows = Array.from({ length: 60 }, () => {
    const p = random.uniform(0.2, 0.8);
    return [p, 1 - p];
  });
  const noise = predictionsOf(
    rows,
    rows.map(() => random.int(2)),
  );
  const { scaled, asTrained } = describeCalibration([noise], { ids: idsOf(noise) });
  const ofAll = fitTemperature(noise, noise.labels.keys());
  expect(ofAll).toBeGreaterThan(1.5);
  expect(scaled.nll).toBeLessThan(asTrained.nll);
  expect(scaled.nll).toBeGreaterThan(0.69);
});

it('takes the mean over seeds, and one image', () => {
  const [one, two] = [overconfident(0.1, 80, 1), overconfident(0.1, 80, 2)];
  const both = { ...two, labels: one.labels };
  const ids = idsOf(one);
  const [a, b, mean] = [[one], [both], [one, both]].map((seeds) =>
    describeCalibration(seeds, { ids, resamples: 100 }),
  );
  expect(mean!.asTrained.ece).toBeCloseTo((a!.asTrained.ece + b!.asTrained.ece) / 2, 12);
  expect(mean!.temperature.values).toEqual([a!.temperature.mean, b!.temperature.mean]);
  const alone = describeCalibration([predictionsOf([[0.9, 0.1]], [0])], { ids: ['a'] });
  expect(alone.scaled.ece).toBeCloseTo(alone.asTrained.ece, 6);
});

it('covers the true error, whether there is one or not', () => {
  const experiments = 60;
  for (const gap of [0, 0.1]) {
    let [covered, debiased, plugIn] = [0, 0, 0];
    for (let i = 0; i < experiments; i++) {
      const predictions = overconfident(gap, 250, i);
      const { asTrained } = describeCalibration([predictions], {
        ids: idsOf(predictions),
        resamples: 200,
        seed: i,
      });
      const [low, high] = asTrained.ci95;
      if (low <= gap && gap <= high) covered++;
      debiased += asTrained.debiasedEce / experiments;
      plugIn += asTrained.ece / experiments;
    }
    // 91 and 96 % in 400 experiments.
    expect(covered / experiments).toBeGreaterThan(0.8);
    // By the normal distribution, 2 - sqrt(2) of the bias of bins without error is left.
    if (gap === 0) expect(debiased / plugIn).toBeCloseTo(2 - Math.SQRT2, 1);
    else expect(Math.abs(debiased - gap)).toBeLessThan(0.01);
  }
});
