import { fixresExperiment, fixresPresets } from '@fixres/runs';
import { expect, it } from 'vitest';
import { chosenPart } from './chosen-part.ts';

const experiment = fixresExperiment({ ...fixresPresets.quick, seedCount: 2 });

it('has the arms of the trials, those that they are initialised from, and their seeds', () => {
  const { arms, seeds } = chosenPart(experiment, ['small@1']);
  // The others are initialised from small; vanilla has a trial of its own.
  expect(arms.map(({ name }) => name)).toEqual(['small', 'untuned', 'fixres', 'control']);
  expect(experiment.arms.map(({ name }) => name)).toContain('vanilla');
  expect(seeds).toEqual([1]);
});

it('is the whole experiment without a choice', () => {
  expect(chosenPart(experiment, undefined)).toBe(experiment);
});
