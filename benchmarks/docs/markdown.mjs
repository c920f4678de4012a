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
  if (lowest === highest) return show(median);
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

/**
 * The commands of results, and where they ran; those of one machine together. Results without a machine
 * do not depend on it.
 */
export function sources(results) {
  const commands = new Map();
  for (const { command, ...result } of results) {
    if (result.machine === undefined) continue;
    const machine = machineOf(result);
    commands.set(machine, [...(commands.get(machine) ?? []), `    ${command}`]);
  }
  return [...commands]
    .map(([machine, lines]) => `${[...new Set(lines)].join('\n')}\n\n${machine}`)
    .join('\n\n');
}

function machineOf({ machine: { cpu, cores, node, loadBefore }, date }) {
  const parts = [
    `${cpu}, ${cores} cores`,
    ...(node ? [`Node ${node.replace(/^v/, '')}`] : []),
    // Beside other programs, times are longer.
    ...(loadBefore === undefined ? [] : [`load of other programs ${number(loadBefore)}`]),
    ...(date ? [date] : []),
  ];
  return `Machine: ${parts.join(', ')}.`;
}
