import { html, type Html, type HtmlValue } from './html.ts';

export interface Table {
  /** What the table shows; its visible caption. */
  caption: string;
  /** First column is the row's name. `number` columns are right-aligned. */
  columns: { name: HtmlValue; number?: boolean }[];
  /** Cells in the order of the columns; the first one becomes the row's header. */
  rows: HtmlValue[][];
  className?: string;
}

/** A table in a frame that scrolls by itself (also by keyboard) where the window is too narrow. */
export function table({ caption, columns, rows, className = '' }: Table): Html {
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
