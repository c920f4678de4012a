import { firstAtLeast } from '../../../shared/series.ts';

/** One line: positions in ascending order, and the values there. NaN is a gap. */
export interface Line {
  x: readonly number[] | Float64Array;
  y: readonly number[] | Float64Array;
}

/** Lines over common positions, in the format of uPlot. */
export interface Aligned {
  x: number[];
  y: (number | null)[][];
}

/**
 * Aligns lines to common positions. If a range has more points than `columns`, each column keeps
 * the lowest and the highest point of a line in their order. Spikes stay visible, and 100,000
 * points cost no more than the screen shows.
 *
 * @param range the visible range; points just outside are kept, so that lines continue to the edge
 */
export function alignLines(
  lines: readonly Line[],
  range: readonly [number, number] | null,
  columns: number,
): Aligned {
  const parts = lines.map((line) => partOf(line, range));
  const points = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  if (points <= columns * 2) return alignExactly(lines, parts);
  const low = range?.[0] ?? Math.min(...parts.map(({ from }, i) => lines[i]!.x[from] ?? Infinity));
  const high =
    range?.[1] ?? Math.max(...parts.map(({ to }, i) => lines[i]!.x[to - 1] ?? -Infinity));
  const width = (high - low) / columns;
  if (!(width > 0)) return alignExactly(lines, parts);
  const x: number[] = [];
  for (let column = 0; column < columns; column++)
    x.push(low + (column + 0.25) * width, low + (column + 0.75) * width);
  return { x, y: lines.map((line, i) => extremes(line, parts[i]!, low, width, columns)) };
}

interface Part {
  from: number;
  to: number;
}

function partOf({ x }: Line, range: readonly [number, number] | null): Part {
  if (!range) return { from: 0, to: x.length };
  // A line that ends before the visible range or starts after it is left out.
  if (x.length === 0 || x[x.length - 1]! < range[0] || x[0]! > range[1]) return { from: 0, to: 0 };
  return {
    from: Math.max(0, firstAtLeast(x, range[0]) - 1),
    to: Math.min(x.length, firstAtLeast(x, range[1]) + 1),
  };
}

function alignExactly(lines: readonly Line[], parts: readonly Part[]): Aligned {
  const places = new Set<number>();
  lines.forEach(({ x }, i) => {
    for (let k = parts[i]!.from; k < parts[i]!.to; k++) places.add(x[k]!);
  });
  const x = Float64Array.from(places).sort();
  const index = new Map(Array.from(x, (place, i) => [place, i]));
  const y = lines.map((line, i) => {
    const values = new Array<number | null>(x.length).fill(null);
    for (let k = parts[i]!.from; k < parts[i]!.to; k++)
      values[index.get(line.x[k]!)!] = Number.isNaN(line.y[k]!) ? null : line.y[k]!;
    return values;
  });
  return { x: [...x], y };
}

function extremes(
  { x, y }: Line,
  { from, to }: Part,
  low: number,
  width: number,
  columns: number,
): (number | null)[] {
  const values = new Array<number | null>(columns * 2).fill(null);
  // The first column includes everything before the visible range, the last everything after it.
  const columnOf = (place: number): number =>
    Math.min(columns - 1, Math.max(0, Math.floor((place - low) / width)));
  let k = from;
  while (k < to) {
    const column = columnOf(x[k]!);
    let [lowest, highest] = [-1, -1];
    for (; k < to && columnOf(x[k]!) === column; k++) {
      if (Number.isNaN(y[k]!)) continue;
      if (lowest === -1 || y[k]! < y[lowest]!) lowest = k;
      if (highest === -1 || y[k]! > y[highest]!) highest = k;
    }
    if (lowest === -1) continue;
    values[column * 2] = y[Math.min(lowest, highest)]!;
    values[column * 2 + 1] = y[Math.max(lowest, highest)]!;
  }
  return values;
}
