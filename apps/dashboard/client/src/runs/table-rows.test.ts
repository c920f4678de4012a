import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../../shared/protocol.ts';
import {
  bestAccuracy,
  configColumn,
  configDiff,
  drawnRows,
  fixedColumns,
  grouped,
  sorted,
} from './table-rows.ts';

function row(id: string, config: RunRow['config'], accuracy: number | null = null): RunRow {
  return {
    id,
    status: 'finished',
    startedAt: '',
    updatedAt: '',
    config,
    scores: [{ arm: 'small', accuracy }],
    live: null,
    made: '',
    problem: null,
  };
}

const rows = [
  row('run-10', { 'model.width': 16, x: 'a' }, 0.5),
  row('run-9', { 'model.width': 8 }, 0.75),
  row('run-1', { 'model.width': 16, x: 'b' }),
];

describe('the runs table', () => {
  it('sorts texts naturally, and missing values last in both directions', () => {
    const ids = (list: readonly RunRow[]): string[] => list.map(({ id }) => id);
    expect(ids(sorted(rows, fixedColumns[0]!, false))).toEqual(['run-1', 'run-9', 'run-10']);
    const accuracy = fixedColumns[3]!;
    expect(ids(sorted(rows, accuracy, true))).toEqual(['run-9', 'run-10', 'run-1']);
    expect(ids(sorted(rows, accuracy, false))).toEqual(['run-10', 'run-9', 'run-1']);
    expect(ids(sorted(rows, configColumn('x'), false))).toEqual(['run-10', 'run-1', 'run-9']);
  });

  it('groups by any setting', () => {
    expect(
      grouped(rows, 'model.width').map(({ name, rows: members }) => [name, members.length]),
    ).toEqual([
      ['8', 1],
      ['16', 2],
    ]);
    expect(grouped(rows, 'x').map(({ name }) => name)).toEqual(['–', 'a', 'b']);
    expect(grouped(rows, '')).toHaveLength(1);
  });

  it('limits the drawn rows of groups, but counts all of them', () => {
    const groups = grouped(rows, 'model.width');
    const drawn = (most: number): unknown =>
      drawnRows(groups, most).map(({ name, rows: members, drawn: shown }) => [
        name,
        members.length,
        shown.map(({ id }) => id),
      ]);
    expect(drawn(2)).toEqual([
      ['8', 1, ['run-9']],
      ['16', 2, ['run-10']],
    ]);
    expect(drawn(1)).toEqual([['8', 1, ['run-9']]]);
    expect(drawn(9)).toEqual([
      ['8', 1, ['run-9']],
      ['16', 2, ['run-10', 'run-1']],
    ]);
  });

  it('finds the settings in which runs differ', () => {
    const { differing, same } = configDiff([rows[0]!, rows[2]!]);
    expect(differing).toEqual([{ key: 'x', values: ['a', 'b'] }]);
    expect(same).toEqual([{ key: 'model.width', values: [16, 16] }]);
  });

  it('uses the best arm', () => {
    expect([bestAccuracy(rows[1]!), bestAccuracy(rows[2]!)]).toEqual([0.75, null]);
  });
});
