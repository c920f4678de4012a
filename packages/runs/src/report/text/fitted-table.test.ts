import { describe, expect, it } from 'vitest';
import { fittedTable } from './fitted-table.ts';

describe('fittedTable', () => {
  const columns = [
    { title: 'run', cell: (n: number) => `run${n}` },
    { title: 'score', cell: (n: number) => String(n), right: true, rank: 1 },
    { title: 'long title', cell: () => 'x', rank: 2 },
  ];

  it.each([
    [Infinity, 'run   score  long title\n----  -----  ----------\nrun1      1  x\nrun9      9  x'],
    [22, 'run   score\n----  -----\nrun1      1\nrun9      9'],
    [5, 'run\n----\nrun1\nrun9'],
    [1, 'run\n----\nrun1\nrun9'],
  ])('fits %d characters', (width, table) => {
    expect(fittedTable(columns, [1, 9], width)).toBe(table);
  });
});
