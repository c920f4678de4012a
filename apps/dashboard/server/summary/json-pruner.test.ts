import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonPruner } from './json-pruner.ts';

function pruned(text: string, keys: readonly string[], pieceLength = text.length + 1): unknown {
  const pruner = new JsonPruner(keys);
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += pieceLength)
    pruner.push(bytes.subarray(i, i + pieceLength));
  expect(Buffer.byteLength(pruner.text())).toBe(pruner.length);
  return JSON.parse(pruner.text());
}

/** The same result from parsing the whole text. */
function expected(value: unknown, keys: readonly string[]): unknown {
  return JSON.parse(JSON.stringify(value), (key, each: unknown) =>
    keys.includes(key) ? null : each,
  );
}

describe('JsonPruner', () => {
  it('removes values of all kinds, and nothing else', () => {
    const text =
      '{"a": {"x": [1, "}", {"a": 2}]}, "b" : "a", "a":-1.5e3,"c":["a","b"],"a" :"q\\"]}","d":{"a":[]},"aa":1, "a": true}';
    for (let length = 1; length < 20; length++)
      expect(pruned(text, ['a'], length)).toEqual({
        a: null,
        b: 'a',
        c: ['a', 'b'],
        d: { a: null },
        aa: 1,
      });
  });

  it('agrees with JSON.parse, wherever the text breaks off', () => {
    const keys = ['a', 'metrics'];
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(fc.constantFrom('a', 'b', 'metrics', 'é"\\', ''), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 2),
        (json, length, indent) => {
          expect(pruned(JSON.stringify(json, null, indent), keys, length)).toEqual(
            expected(json, keys),
          );
        },
      ),
    );
  });
});
