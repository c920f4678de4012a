import { expect, it } from 'vitest';
import { refuseBudget } from './plan-memory.ts';

it('refuses a budget of several processes, and of them alone', () => {
  const instead = 'leave it out';
  expect(() => refuseBudget(400, { processes: 2, instead })).toThrow(
    'memory is 400MB, but 2 processes train together; leave it out.',
  );
  // One process can be a cluster, with --sync-batch-norm.
  expect(() => refuseBudget(400, { processes: 1, instead })).not.toThrow();
  expect(() => refuseBudget(undefined, { processes: 2, instead })).not.toThrow();
});
