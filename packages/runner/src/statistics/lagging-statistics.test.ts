import { expect, it } from 'vitest';
import { laggingWarning } from './lagging-statistics.ts';

it('reports how much of their initial value running statistics keep, if too much', () => {
  // 0.99 ** 100 = 0.366
  expect(laggingWarning({ arm: 'small', momentum: 0.99, steps: 100 })).toMatch(
    /^Arm "small" has 100 steps, too few .* momentum 0\.99: they keep 37 % of their initial values/,
  );
  // 0.999 ** 3 = 0.997, 0.99 ** 499 = 0.0066
  expect(laggingWarning({ arm: 'small', momentum: 0.999, steps: 3 })).toMatch(
    /has 3 steps, .* they keep 100 % /,
  );
  expect(laggingWarning({ arm: 'small', momentum: 0.999, steps: 1 })).toMatch(
    /has 1 step, too few/,
  );
  expect(laggingWarning({ arm: 'small', momentum: 0.99, steps: 499 })).toMatch(
    /they keep 0\.66 % /,
  );
  expect(laggingWarning({ arm: 'small', momentum: 0.999, steps: 464 })).toMatch(
    /they keep 63 % .*--norm-statistics precise/,
  );
});

it('is undefined if there are enough steps, or no running statistics', () => {
  expect(laggingWarning({ arm: 'a', momentum: 0.99, steps: 499 })).toBeDefined();
  expect(laggingWarning({ arm: 'a', momentum: 0.99, steps: 501 })).toBeUndefined();
  expect(laggingWarning({ arm: 'a', momentum: 0.9, steps: 51 })).toBeUndefined();
  expect(laggingWarning({ arm: 'a', momentum: -Infinity, steps: 1 })).toBeUndefined();
});
