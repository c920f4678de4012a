import { expect, it } from 'vitest';
import { chosenSize } from './chosen-size.ts';

const refusal = (asked: string, own: string): string => `Only ${own}, not ${asked}.`;

it.each([
  [[null, null], undefined, 224],
  [[64, 64], undefined, 64],
  [[24, 40], undefined, { height: 24, width: 40 }],
  [[24, 40], { height: 40, width: 24 }, { height: 40, width: 24 }],
  [[24, null], 32, 32],
] as const)('chosenSize of a file for %j with %j', (own, asked, size) => {
  expect(chosenSize(own, asked)).toEqual(size);
});

it('chosenSize allows the size of a file that has only one, and refuses others', () => {
  expect(chosenSize([24, 40], { height: 24, width: 40 }, refusal)).toEqual({
    height: 24,
    width: 40,
  });
  expect(chosenSize([24, null], { height: 24, width: 9 }, refusal)).toEqual({
    height: 24,
    width: 9,
  });
  expect(() => chosenSize([24, 40], { height: 40, width: 24 }, refusal)).toThrow(
    'Only 24x40, not 40x24.',
  );
  expect(() => chosenSize([24, 40], 24, refusal)).toThrow('Only 24x40, not 24.');
  expect(() => chosenSize([24, null], undefined)).toThrow(
    'The model of the file was built for images of 24 x any pixels (height x width); give one size with --image-size.',
  );
});
