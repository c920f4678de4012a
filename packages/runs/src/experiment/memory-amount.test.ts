import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryText, parseMemory } from './memory-amount.ts';

it.each([
  ['4GB', 4000],
  ['800 mb', 800],
  ['3.5gb', 3500],
  // 1024^3 bytes each.
  ['2GiB', 2147],
  ['512MiB', 536],
  ['100TB', 1e8],
])('reads %s', (text, mb) => {
  expect(parseMemory(text)).toBe(mb);
});

it.each(['', '4', 'GB', '99MB', '101TB', '-4GB', '1e3GB', '4 G', '4GB!', 'Infinity MB', '0x4GB'])(
  'does not read "%s"',
  (text) => {
    expect(parseMemory(text)).toBeUndefined();
  },
);

it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 1e8 }), (mb) => {
      expect(parseMemory(memoryText(mb))).toBe(mb);
    }),
  );
});
