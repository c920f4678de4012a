import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRows, unpackRows } from './packed-rows.ts';
import type { RunRow } from './protocol.ts';

const rowOf = (config: RunRow['config'], i = 0): RunRow => ({
  id: `run-${i}`,
  status: 'finished',
  startedAt: '',
  updatedAt: '',
  config,
  scores: [],
  live: null,
  made: '',
  problem: null,
});

it('packRows describes rows by their differences, and unpackRows restores them', () => {
  const value = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
  );
  const config = fc.dictionary(
    fc.oneof(fc.constantFrom('a', 'b', 'c', 'toString'), fc.string()),
    fc.oneof(fc.constantFrom(1, 2), value),
  );
  fc.assert(
    fc.property(fc.array(config), (configs) => {
      const rows = configs.map(rowOf);
      const travelled = JSON.parse(JSON.stringify(packRows(rows))) as ReturnType<typeof packRows>;
      expect(unpackRows(travelled)).toEqual(rows);
    }),
  );
});

it('packRows sends only the settings in which a sweep differs', () => {
  const { common, rows } = packRows([
    rowOf({ width: 16, rate: 0.1 }),
    rowOf({ width: 16, rate: 0.2 }),
    rowOf({ rate: 0.1 }),
  ]);
  expect(common).toEqual({ width: 16, rate: 0.1 });
  expect(rows.map(({ config, without }) => [config, without])).toEqual([
    [{}, undefined],
    [{ rate: 0.2 }, undefined],
    [{}, ['width']],
  ]);
});
