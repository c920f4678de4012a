/** A number in three digits and its unit prefix: `3.51e9` as `3.51` and `G`. */
export interface ThreeFigures {
  figures: string;
  /** Empty below 1000. */
  prefix: string;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** @param value at least 0 */
export function threeFigures(value: number): ThreeFigures {
  // Of the rounded number: 999,999 is 1.00 M.
  const rounded = Number(value.toPrecision(3));
  const power =
    rounded < 1000 ? 0 : Math.min(PREFIXES.length - 1, Math.floor(Math.log10(rounded) / 3 + 1e-12));
  const figures = (value / 1000 ** power).toPrecision(3);
  return { figures: power === 0 ? String(Number(figures)) : figures, prefix: PREFIXES[power]! };
}

/**
 * Formats multiply-adds: `1.31e12` as `1.31 TMAC`, `4.12e11` as `412 GMAC`. Parts of a sum have the
 * unit of the whole, so they can be added: `1.02e12, 1.6e11` as `1.02 + 0.16 TMAC`.
 *
 * @param parts at least one; each at least 0
 */
export function multiplyAddsText(...parts: readonly number[]): string {
  const { figures, prefix } = threeFigures(parts.reduce((sum, part) => sum + part, 0));
  const decimals = figures.split('.')[1]?.length ?? 0;
  const unit = 1000 ** PREFIXES.indexOf(prefix);
  return `${parts.map((part) => (part / unit).toFixed(decimals)).join(' + ')} ${prefix}MAC`;
}
