import type { ComponentChildren, JSX } from 'preact';

/** A column of a {@link Table}; numbers are right-aligned. */
interface TableColumn {
  title: string;
  numeric?: boolean;
}

interface TableRow {
  key: string;
  class?: string | undefined;
  /** The first one names the row. */
  cells: readonly ComponentChildren[];
}

interface TableProps {
  /** Label for screen readers of the part of the page that scrolls. */
  label: string;
  class?: string;
  /** Class of the cells that name rows. */
  nameClass?: string;
  columns: readonly TableColumn[];
  rows: readonly TableRow[];
}

/** A table that scrolls sideways if it is too wide, also by keyboard. */
export function Table({
  label,
  class: tableClass,
  nameClass,
  columns,
  rows,
}: TableProps): JSX.Element {
  const cellClass = (column: number): string | undefined =>
    columns[column]?.numeric ? 'number' : undefined;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={tableClass}>
        <thead>
          <tr>
            {columns.map(({ title }, i) => (
              <th key={title} scope="col" class={cellClass(i)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, class: rowClass, cells: [name, ...cells] }) => (
            <tr key={key} class={rowClass}>
              <th scope="row" class={nameClass}>
                {name}
              </th>
              {cells.map((cell, i) => (
                <td key={i} class={cellClass(i + 1)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
