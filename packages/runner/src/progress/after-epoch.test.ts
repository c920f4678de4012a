import { expect, it } from 'vitest';
import { afterEpoch } from './after-epoch.ts';

it('afterEpoch counts from 1, and knows arms without epochs', () => {
  expect([-1, 0, 6].map(afterEpoch)).toEqual(['Before training', 'After epoch 1', 'After epoch 7']);
});
