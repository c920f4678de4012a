// Parts of a page in Markdown.

/** A table; Prettier aligns it. Cells are text, numbers or undefined. */
export function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `{ median, lowest, highest }`, or one value, as `45.6 (45 to 46.2)`. */
export function spreadText(value, show = number) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return show(value);
  const { median, lowest, highest } = value;
  return `${show(median)} (${show(lowest)} to ${show(highest)})`;
}

/** Three digits at least, or the decimals of a small number. */
export function number(value) {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 2)));
}

/** A bold ratio: `**1.53**`. */
export function ratioText(value, digits = 2) {
  return `**${value.toFixed(digits)}**`;
}

/** Consecutive equal cells of a column are shown once. */
export function merged(rows, column) {
  return rows.map((row, i) =>
    row.map((cell, j) => (j === column && i > 0 && rows[i - 1][j] === cell ? '' : cell)),
  );
}

/** The command of a result, and where it ran. */
export function source({ command, machine, date }) {
  const { cpu, cores, node } = machine;
  const parts = [
    `${cpu}, ${cores} cores`,
    ...(node ? [`Node ${node.replace(/^v/, '')}`] : []),
    ...(date ? [date] : []),
  ];
  return `    ${command}\n\nMachine: ${parts.join(', ')}.`;
}
