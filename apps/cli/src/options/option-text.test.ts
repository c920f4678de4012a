import { expect, it } from 'vitest';
import { optionText } from './option-text.ts';

it.each([
  [96, '96'],
  ['a', 'a'],
  [false, 'false'],
  [{ height: 48, width: 64 }, '48x64'],
])('optionText of %j', (value, text) => {
  expect(optionText(value)).toBe(text);
});
