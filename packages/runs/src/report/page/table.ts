import { html, type Html, type HtmlValue } from './html.ts';

export interface Table {
  /** Title of the table; its visible caption. */
  caption: string;
  /** First column is the row's name. `number` columns are right-aligned. */
  columns: { name: HtmlValue; number?: boolean }[];
  /** Cells in the order of the columns; the first one becomes the row's header. */
  rows: HtmlValue[][];
  className?: string;
  /**
   * Maximum number of columns besides the first. A wider table is split into several, so that it
   * fits a printed page. Default: no maximum.
   */
  mostColumns?: number;
}

/** A table in a frame that scrolls on its own (also by keyboard) if the window is too narrow. */
export function table({ mostColumns = Infinity, ...whole }: Table): Html {
  const beside = whole.columns.length - 1;
  if (beside <= mostColumns) return oneTable(whole);
  // Parts of equal size, or one column apart.
  const parts = Math.ceil(beside / mostColumns);
  const start = (part: number): number => 1 + Math.floor((part * beside) / parts);
  return html`${Array.from({ length: parts }, (_, part) => {
    const chosen = <T>(cells: readonly T[]): T[] => [
      cells[0]!,
      ...cells.slice(start(part), start(part + 1)),
    ];
    return oneTable({
      ...whole,
      caption: `${whole.caption} (part ${part + 1} of ${parts})`,
      columns: chosen(whole.columns),
      rows: whole.rows.map(chosen),
    });
  })}`;
}

function oneTable({ caption, columns, rows, className = '' }: Table): Html {
  const kind = (column: number): string => (columns[column]?.number ? 'number' : 'text');
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table class="${className}"><caption><span>${caption}</span></caption>
<thead><tr>${columns.map(({ name }, i) => html`<th scope="col" class="${kind(i)}">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([head, ...cells]) => html`<tr><th scope="row">${head!}</th>
${cells.map((cell, i) => html`<td class="${kind(i + 1)}">${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}
