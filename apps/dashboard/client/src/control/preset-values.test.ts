import { fixresPresets } from '@fixres/runner';
import { expect, it } from 'vitest';
import { presetValues } from './preset-values.ts';

it('says what the presets hold', () => {
  for (const [name, values] of Object.entries(presetValues)) {
    const { limit, ...held } = values;
    expect([limit, fixresPresets[name as keyof typeof fixresPresets]]).toMatchObject(['all', held]);
  }
  expect(Object.keys(presetValues)).toEqual(Object.keys(fixresPresets));
});
