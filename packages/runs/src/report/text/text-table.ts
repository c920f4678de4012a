/**
 * Formats rows under a header in aligned columns; the columns in `right` (by index) are
 * right-aligned.
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const layOut = (row: readonly string[]): string =>
    widths
      .map((width, i) =>
        right.includes(i) ? (row[i] ?? '').padStart(width) : (row[i] ?? '').padEnd(width),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [layOut(header), rule, ...rows.map(layOut)].join('\n');
}
