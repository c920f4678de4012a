import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultReaderLimits } from '../reader-limits.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';

const parse = (text: string): CsvRecord[] => csvRecords(text, 'x.csv', defaultReaderLimits);

it('gives back what was written, whatever it holds, and where', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') });
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 6 }),
    );
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.nat(2), (rows, end, empty) => {
      const quote = (field: string): string =>
        /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
      const lines = rows.map((fields) => end.repeat(empty) + fields.map(quote).join(',') + end);
      const starts = rows.map((_, i) => {
        const before = lines.slice(0, i).join('') + end.repeat(empty);
        return 1 + (before.match(/\r\n?|\n/g) ?? []).length;
      });
      expect(parse(lines.join(''))).toEqual(rows.map((fields, i) => ({ line: starts[i], fields })));
    }),
  );
});

it.each([
  ['a,b\n1\n', 'Line 2 of x.csv has 1 fields; the first line has 2.'],
  ['a,b\n"1\n2"\n', 'Line 2 of x.csv has 1 fields; the first line has 2.'],
  ['a,b\n"1\n2",3\n\n\n4,"5\n6,7\n', 'x.csv, line 6 has a quoted field that does not end.'],
  ['a,b\n1,2"\n', 'x.csv, line 2 has a quote inside a field that is not quoted.'],
  ['a,b\n1,"2" \n', 'x.csv, line 2 has text after a quoted field.'],
])('names the line of what is wrong: %j', (text, message) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'bad-layout', message }) as Error,
  );
});

it('stops at the limit', () => {
  const limits = { ...defaultReaderLimits, maxEntries: 2 };
  expect(csvRecords('a\n1\n2\n', 'x.csv', limits)).toHaveLength(3);
  expect(() => csvRecords('a\n1\n2\n3\n4"\n', 'x.csv', limits)).toThrow(
    'x.csv contains more than 2 entries',
  );
});
