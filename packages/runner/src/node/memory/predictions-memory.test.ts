import { fixresExperiment, fixresPresets } from '@fixres/runs';
import { expect, it } from 'vitest';
import { predictionsMb } from './predictions-memory.ts';

const experiment = fixresExperiment({ ...fixresPresets.quick, seedCount: 2 });
const imageNet = { images: 50_000, classes: 1000 };

it('is one probability per image and class, as each evaluation ends before the next', () => {
  expect(predictionsMb(experiment, { ...imageNet, multiLabel: false })).toBe(200);
});

it('grows with arms, seeds and evaluations of multi-label images', () => {
  const arms = experiment.arms.slice(0, 2);
  const evaluations = experiment.evaluations.slice(0, 1);
  const part = { ...experiment, arms, evaluations };
  // 2 arms x 2 seeds x (200 MB of probabilities and 50 MB of labels)
  expect(predictionsMb(part, { ...imageNet, multiLabel: true })).toBe(1000);
});
