import { textTable } from './text-table.ts';

/** A column of a table that must fit a terminal. */
export interface TableColumn<T> {
  title: string;
  cell: (row: T) => string;
  /** Right-aligned. */
  right?: boolean;
  /**
   * If the columns do not fit, the one with the highest number is left out first; those without a
   * number stay.
   */
  rank?: number;
}

/** A table with as many columns as fit `width` characters. */
export function fittedTable<T>(
  columns: readonly TableColumn<T>[],
  rows: readonly T[],
  width: number,
): string {
  let shown = columns;
  for (;;) {
    const right = [...shown.keys()].filter((i) => shown[i]!.right);
    const table = textTable(
      shown.map(({ title }) => title),
      rows.map((row) => shown.map(({ cell }) => cell(row))),
      right,
    );
    const highest = Math.max(...shown.map(({ rank = 0 }) => rank));
    if (highest === 0 || table.split('\n').every((line) => line.length <= width)) return table;
    shown = shown.filter(({ rank = 0 }) => rank < highest);
  }
}
