/** A piece of a line that has to fit a terminal. */
export interface LinePart {
  text: string;
  /** A shorter wording of the same. */
  short?: string;
  /** The highest goes first where there is no room; parts without stay. */
  rank?: number;
}

const GAP = '  ';

/** Puts parts into one line of at most `width` characters: in full, else in short, else without the least important ones, else cut. */
export function fittedLine(parts: readonly LinePart[], width: number): string {
  const full = parts.map(({ text }) => text).join(GAP);
  if (full.length <= width) return full;
  let left = [...parts];
  const line = (): string => left.map(({ text, short }) => short ?? text).join(GAP);
  while (line().length > width) {
    const highest = Math.max(...left.map(({ rank = 0 }) => rank));
    if (highest <= 0) break;
    left = left.filter(({ rank = 0 }) => rank < highest);
  }
  return line().slice(0, width);
}
