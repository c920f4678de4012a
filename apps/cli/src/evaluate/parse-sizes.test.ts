import { expect, it } from 'vitest';
import { parseSizes } from './parse-sizes.ts';

it('parseSizes keeps the given order', () => {
  expect(parseSizes('96, 128,64')).toEqual([96, 128, 64]);
  const [wide, tall] = [
    { height: 96, width: 128 },
    { height: 128, width: 96 },
  ];
  expect(parseSizes('128x96, 96x128,64x64')).toEqual([tall, wide, 64]);
});

it.each([
  ['96,', 'Option --sizes has ""; allowed are sizes from 8 to 4096 pixels'],
  ['96x', 'Option --sizes has "96x"'],
  ['96x7', 'Option --sizes has "96x7"'],
  ['96x5000', 'Option --sizes has "96x5000"'],
  ['96,96x128,96x96', 'Option --sizes has 96 twice.'],
  ['96x128,96x128', 'Option --sizes has 96x128 twice.'],
  ['7', 'Option --sizes has "7"'],
  ['96,128,96', 'Option --sizes has 96 twice.'],
])('parseSizes refuses %s', (text, message) => {
  expect(() => parseSizes(text)).toThrow(message);
});
