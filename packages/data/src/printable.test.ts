import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FixresDataError } from './errors.ts';
import { printable } from './printable.ts';

it('printable escapes as JSON does, and leaves other text', () => {
  expect(printable('a\0b\u001b[31m\r\n\tc\u009f')).toBe('a\\u0000b\\u001b[31m\\r\\n\\tc\\u009f');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(printable(text)).toBe(text);
    }),
  );
});

it('messages of errors are one line, whatever file content they contain', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(new FixresDataError('bad-layout', `The class ${text}`).message).not.toMatch(/\p{Cc}/u);
    }),
  );
});
