import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesToColumns, type Column, columnsToBytes } from './columns.ts';

const names = fc.string().filter((name) => name !== '__proto__');
const column: fc.Arbitrary<Column> = fc.oneof(
  fc.float64Array(),
  fc.uint32Array(),
  fc.array(fc.option(fc.string({ unit: 'binary' }), { nil: undefined })),
);
const heads = fc.dictionary(
  names.filter((name) => name !== 'columns'),
  fc.jsonValue({ maxDepth: 1 }),
);

it('columns are read as they were written', () => {
  fc.assert(
    fc.property(heads, fc.dictionary(names, column), (head, columns) => {
      const bytes = columnsToBytes(head, columns);
      // JSON has no negative zero.
      const written: unknown = JSON.parse(JSON.stringify(head));
      expect(bytesToColumns(bytes)).toEqual({ head: written, columns: { ...columns } });
    }),
  );
});

it('bytes that were cut off, or have others at the end, are not columns', () => {
  const column = ['a', undefined, 'ü', '\u{1f4f7}', ''];
  const bytes = columnsToBytes({ a: 1 }, { column, start: Float64Array.of(NaN, 2 ** 40) });
  for (let length = 0; length < bytes.length; length++)
    expect(bytesToColumns(bytes.subarray(0, length))).toBeUndefined();
  expect(bytesToColumns(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
});

it('any bytes are columns or not, without an error', () => {
  const bytes = columnsToBytes({ format: 'x' }, { name: ['a', 'bc'], size: Uint32Array.of(1, 2) });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (place, value) => {
      const changed = Buffer.from(bytes);
      changed[place] = value;
      bytesToColumns(changed);
    }),
  );
  for (const head of ['', 'null', '[]', '{', '{"columns": {}}', '{"columns": [1]}'])
    expect(bytesToColumns(Buffer.from(`${head}\n`))).toBeUndefined();
  for (const stored of [
    { kind: 'float64', rows: -1, bytes: -8 },
    { kind: 'float64', rows: 1, bytes: 7 },
    { kind: 'uint32', rows: 2 ** 31, bytes: 2 ** 33 },
    { kind: 'int8', rows: 1, bytes: 1 },
    { kind: 'text', rows: 2, bytes: 7 },
    // Its only row has 0x61 characters.
    { kind: 'text', rows: 1, bytes: 8 },
  ]) {
    const head = JSON.stringify({ columns: [{ name: 'a', ...stored }] });
    const rest = Buffer.alloc(8);
    rest[0] = 0x61;
    const body = rest.subarray(0, Math.min(8, Math.max(0, stored.bytes)));
    expect(bytesToColumns(Buffer.concat([Buffer.from(`${head}\n`), body]))).toBeUndefined();
  }
});
