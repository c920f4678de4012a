import { expect, it } from 'vitest';
import { utf8Text } from './utf8-text.ts';

it('utf8Text reads UTF-8 and refuses other encodings with their name', () => {
  expect(utf8Text(Buffer.from('\ufeffcafé \u{1f333}'), 'a.txt')).toBe('\ufeffcafé \u{1f333}');
  const text = 'a.jpg ash\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  const marked = 'a.txt is encoded as UTF-16, by its byte order mark; save it as UTF-8.';
  expect(() => utf8Text(utf16, 'a.txt')).toThrow(marked);
  expect(() => utf8Text(Buffer.from(utf16).swap16(), 'a.txt')).toThrow(marked);
  expect(() => utf8Text(Buffer.from(text, 'utf16le'), 'a.txt')).toThrow(
    'a.txt contains NUL bytes, so it is not text in UTF-8; save it as UTF-8.',
  );
  expect(() => utf8Text(Buffer.from('café', 'latin1'), 'a.txt')).toThrow(
    'a.txt is not text in UTF-8; save it as UTF-8.',
  );
});
