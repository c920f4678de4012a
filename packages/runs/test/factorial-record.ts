import type { FactorialRecord } from '../src/events/events.ts';

const effect = (
  difference: number,
  half: number,
): { difference: number; ci95: [number, number] } => ({
  difference,
  ci95: [difference - half, difference + half],
});

/** fixres over small on flowers: most of the gain comes from the test size. */
export const factorialRecord: FactorialRecord = {
  of: { run: 'flowers', arm: 'fixres', from: 'small' },
  base: 0.6,
  full: 0.74,
  gain: effect(0.14, 0.03),
  stages: [
    { name: 'the test policy', factors: ['test size'], ...effect(0.1, 0.03) },
    {
      name: 'fine-tuning',
      factors: ['classifier', 'normalisation statistics'],
      ...effect(0.04, 0.02),
    },
  ],
  factors: [
    {
      factor: 'test size',
      share: { ...effect(0.1, 0.03), p: 0.0001, pAdjusted: 0.0003 },
      alone: effect(0.09, 0.04),
      last: effect(0.11, 0.04),
      main: effect(0.1, 0.03),
    },
    {
      factor: 'classifier',
      share: { ...effect(0.05, 0.02), p: 0.01, pAdjusted: 0.02 },
      alone: effect(0.04, 0.03),
      last: effect(0.06, 0.03),
      main: effect(0.05, 0.02),
    },
    {
      factor: 'normalisation statistics',
      share: { ...effect(-0.01, 0.02), p: 0.4, pAdjusted: 0.4 },
      alone: effect(-0.02, 0.03),
      last: effect(0, 0.03),
      main: effect(-0.01, 0.02),
    },
  ],
  interactions: [
    { a: 'test size', b: 'classifier', ...effect(0.02, 0.01) },
    { a: 'test size', b: 'normalisation statistics', ...effect(0.03, 0.04) },
    { a: 'classifier', b: 'normalisation statistics', ...effect(0, 0.02) },
  ],
  moreEpochs: effect(0.015, 0.02),
};
