import { expect, it } from 'vitest';
import { parseSizes } from './parse-sizes.ts';

it('parseSizes keeps the given order', () => {
  expect(parseSizes('96, 128,64')).toEqual([96, 128, 64]);
});

it.each([
  ['96,', 'Option --sizes has ""; allowed are sizes from 8 to 4096 pixels'],
  ['96x96', 'Option --sizes has "96x96"'],
  ['7', 'Option --sizes has "7"'],
  ['96,128,96', 'Option --sizes has 96 twice.'],
])('parseSizes refuses %s', (text, message) => {
  expect(() => parseSizes(text)).toThrow(message);
});
