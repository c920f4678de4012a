/** Text as a cell of a Markdown table, in which a vertical bar ends a cell. */
export function cell(text: string): string {
  return escaped(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/**
 * Plain text as Markdown, where `<name>` would start an element and `*_*` be a star in italics. Code
 * spans are left as they are.
 */
export function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`') ? part : part.replaceAll(/[\\*_[\]]/g, '\\$&').replaceAll('<', '&lt;'),
    )
    .join('');
}

/** A Markdown table. Cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
