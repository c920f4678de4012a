/** A number in three figures, and the letter of the power of 1000 that they are of: `3.51e9` as `3.51` and `G`. */
export interface ThreeFigures {
  figures: string;
  /** Empty below 1000. */
  prefix: '' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E';
}

const PREFIXES: readonly ThreeFigures['prefix'][] = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** @param value a finite number of at least 0 */
export function threeFigures(value: number): ThreeFigures {
  // Of what is printed: 999,999 is 1.00 M.
  const rounded = Number(value.toPrecision(3));
  const power = rounded < 1000 ? 0 : Math.min(PREFIXES.length - 1, Math.floor(Math.log10(rounded) / 3 + 1e-12));
  const figures = (value / 1000 ** power).toPrecision(3);
  return { figures: power === 0 ? String(Number(figures)) : figures, prefix: PREFIXES[power]! };
}

/** Multiply-adds ("MACs") for people, with a decimal prefix: `1.31e12` as `1.31 TMAC`, `4.12e11` as `412 GMAC`. */
export function multiplyAddsText(value: number): string {
  const { figures, prefix } = threeFigures(value);
  return `${figures} ${prefix}MAC`;
}
