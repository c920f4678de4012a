import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrapped } from './wrapped.ts';

it('wrapped breaks a sentence between words', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', '  three', '  four']);
  expect(wrapped('one', 9)).toEqual(['one']);
});

it('wrapped keeps every word, and the width unless one word is longer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 14, max: 60 }),
      (words, width) => {
        const lines = wrapped(words.join(' '), width);
        expect(lines.map((line) => line.trim()).join(' ')).toBe(words.join(' '));
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
      },
    ),
  );
});
