import type { SeedStoppingRecord } from '../../events/events.ts';
import { expect, it } from 'vitest';
import { seedStoppingText } from './seed-stopping-text.ts';

const record: SeedStoppingRecord = {
  a: 'fixres',
  b: 'vanilla',
  policy: 'own',
  until: { halfWidth: 0.015 },
  max: 20,
  isReached: true,
  values: [0.02, 0.03, 0.02, 0.03],
  ci95: [0.011, 0.039],
};

it.each<[Partial<SeedStoppingRecord>, string]>([
  [
    {},
    'Training ended after 4 seeds of at most 20, when fixres - vanilla was known to 1.5 points over seeds: +2.5 points, +1.1 to +3.9 by a 95 % confidence sequence, which holds although it was looked at after every seed. It is about training again, on these held-out images.',
  ],
  [
    { until: 'excludes0', isReached: false, max: 4, policy: 'resize@64' },
    'Training was to end when the interval over seeds of fixres - vanilla (resize@64) excluded 0; 4 seeds of at most 4 did not reach this: +2.5 points, +1.1 to +3.9 by',
  ],
  [
    { isReached: false, values: [0.02], ci95: null },
    '1 seed of at most 20 did not reach this: an interval needs at least 4 seeds.',
  ],
])('seedStoppingText of %j', (changes, text) => {
  expect(seedStoppingText({ ...record, ...changes })).toContain(text);
});
