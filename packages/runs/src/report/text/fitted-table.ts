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
  return tableOf(fittingColumns(columns, rows, width), rows);
}

/** The columns that fit `width` characters. */
export function fittingColumns<T>(
  columns: readonly TableColumn<T>[],
  rows: readonly T[],
  width: number,
): readonly TableColumn<T>[] {
  let shown = columns;
  for (;;) {
    const highest = Math.max(...shown.map(({ rank = 0 }) => rank));
    if (highest === 0 || isWithin(tableOf(shown, rows), width)) return shown;
    shown = shown.filter(({ rank = 0 }) => rank < highest);
  }
}

/** Whether no line is longer than `width` characters. */
export function isWithin(text: string, width: number): boolean {
  return text.split('\n').every((line) => line.length <= width);
}

/** A table with all columns. */
export function tableOf<T>(columns: readonly TableColumn<T>[], rows: readonly T[]): string {
  return textTable(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
    [...columns.keys()].filter((i) => columns[i]!.right),
  );
}
