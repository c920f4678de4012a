import { isWithin, tableOf, type TableColumn } from './fitted-table.ts';

/**
 * A table that shows all its columns in `width` characters: it is broken into several tables below
 * each other, separated by empty lines, each of which begins with the first column. The columns of
 * a group stay together if they fit.
 *
 * @param groups the other columns, in order; empty groups are left out
 * @param width maximum number of characters per line; a column that does not fit next to the first
 * one is wider
 */
export function tableInBlocks<T>(
  first: TableColumn<T>,
  groups: readonly (readonly TableColumn<T>[])[],
  { rows, width }: { rows: readonly T[]; width: number },
): string {
  const fits = (columns: readonly TableColumn<T>[]): boolean =>
    isWithin(tableOf([first, ...columns], rows), width);
  const units = groups.flatMap((group) =>
    fits(group) ? [group] : group.map((column): readonly TableColumn<T>[] => [column]),
  );
  const blocks: TableColumn<T>[][] = [];
  for (const unit of units) {
    const last = blocks.at(-1);
    if (last && fits([...last, ...unit])) last.push(...unit);
    else blocks.push([...unit]);
  }
  return blocks.map((columns) => tableOf([first, ...columns], rows)).join('\n\n');
}
