/** A part of a line that must fit a terminal. */
export interface LinePart {
  text: string;
  /** A shorter text with the same meaning. */
  short?: string;
  /**
   * If there is no room, the part with the highest number is left out first; parts without a number
   * stay.
   */
  rank?: number;
}

const GAP = '  ';

/**
 * Joins parts into one line of at most `width` characters: in full, otherwise in short, otherwise
 * without the least important ones, otherwise cut.
 */
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
