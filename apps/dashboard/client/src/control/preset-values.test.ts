import { fixresPresets } from '@fixres/runner';
import { expect, it } from 'vitest';
import { presetValues } from './preset-values.ts';

it('says what the presets hold', () => {
  const held = Object.entries(fixresPresets).map(([name, { small, large, width, epochs, finetuneEpochs, seeds, batchSize }]) => [name, { small, large, width, epochs, finetuneEpochs, seeds, batchSize, limit: 'all' }]);
  expect(presetValues).toEqual(Object.fromEntries(held));
});
