import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tfExampleBytes } from '../../../../test/tf-record-writer.ts';
import { parseTfExample } from './tf-example.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const ints = fc.array(fc.maxSafeInteger(), { maxLength: 5 });
const floats = fc.float32Array({ maxLength: 5, noNaN: true });
const examples = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(bytes, ints, floats));

it('finds the first value of every feature, and bytes where they are', () => {
  fc.assert(
    fc.property(examples, fc.nat(8), (features, before) => {
      const record = Buffer.concat([Buffer.alloc(before), tfExampleBytes(features)]).subarray(
        before,
      );
      const found = parseTfExample(record);
      expect([...found.keys()].sort()).toEqual(Object.keys(features).sort());
      for (const [key, value] of Object.entries(features)) {
        const feature = found.get(key)!;
        if (feature.type === 'bytes') {
          const { start, length } = feature;
          expect(record.subarray(start, start + length)).toEqual(Buffer.from(value as Uint8Array));
          expect(feature.count).toBe(1);
        } else {
          expect(feature).toEqual({
            type: value instanceof Float32Array ? 'float' : 'int64',
            count: value.length,
            value: value[0] ?? 0,
          });
        }
      }
    }),
  );
});

it('reads nothing beyond the end of a record or of a message in it', () => {
  const record = tfExampleBytes({ image: 'x'.repeat(40), label: [7, 300], weight: 3 });
  for (let end = 1; end < record.length; end++)
    expect(() => parseTfExample(record.subarray(0, end)), `${end} bytes`).toThrow();
  fc.assert(
    fc.property(fc.nat(record.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const mutated = Buffer.from(record);
      mutated[at] = byte;
      let found;
      try {
        found = parseTfExample(mutated);
      } catch {
        return;
      }
      for (const feature of found.values()) {
        if (feature.type === 'bytes')
          expect(feature.start + feature.length).toBeLessThanOrEqual(record.length);
      }
    }),
    { numRuns: 2000 },
  );
});
