import { expect, it } from 'vitest';
import { tableInBlocks } from './table-in-blocks.ts';

const column = (title: string, right = false) => ({
  title,
  cell: (n: number) => String(n).repeat(title.length - 1),
  right,
});
const first = { title: 'row', cell: (n: number) => `row${n}` };
const groups = [[column('aaaa', true), column('bbbb')], [], [column('cccc'), column('dddd', true)]];
const shown = (width: number): string => tableInBlocks(first, groups, { rows: [1], width });

it.each([
  [Infinity, 1],
  [28, 1],
  [27, 2],
  [16, 2],
  [15, 4],
  [10, 4],
])('tableInBlocks in %d characters has %d blocks, no longer than that', (width, count) => {
  const text = shown(width);
  expect(text.split('\n\n')).toHaveLength(count);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(text.match(/aaaa|bbbb|cccc|dddd/g)).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd']);
});

it('tableInBlocks keeps groups together, and repeats the first column', () => {
  expect(shown(16)).toBe(`row   aaaa  bbbb
----  ----  ----
row1   111  111

row   cccc  dddd
----  ----  ----
row1  111    111`);
});

it('tableInBlocks breaks a group that is too wide, and fills the block with columns of the next', () => {
  const long = [[...groups[0]!, column('eeee')], [column('cccc')]];
  expect(tableInBlocks(first, long, { rows: [1], width: 16 }).match(/^row .*$/gm)).toEqual([
    'row   aaaa  bbbb',
    'row   eeee  cccc',
  ]);
});

it('tableInBlocks shows a column that is wider than allowed', () => {
  expect(tableInBlocks(first, [[column('too wide')]], { rows: [1], width: 9 })).toMatch(
    /^row {3}too wide\n/,
  );
});
