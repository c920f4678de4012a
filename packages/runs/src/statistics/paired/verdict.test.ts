import { expect, test } from 'vitest';
import { verdictOf } from './verdict.ts';

test.each([
  [0.05, 0.01, [0.02, 0.08], 'better'],
  [-0.05, 0.01, [-0.08, -0.02], 'worse'],
  [0.05, 0.05, [0.01, 0.09], 'not distinguishable'],
  [0.05, 0.01, [-0.01, 0.11], 'not distinguishable'],
  [-0.05, 0.01, [-0.11, 0], 'not distinguishable'],
  [0, 1, [0, 0], 'not distinguishable'],
] as const)(
  'difference %s, adjusted p %s, interval %j: %s',
  (difference, pAdjusted, [lo, hi], expected) => {
    expect(verdictOf({ difference, pAdjusted, ci95: [lo, hi] })).toBe(expected);
  },
);
