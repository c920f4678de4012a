import { multiplyAddsText, threeFigures } from './multiply-adds-text.ts';

const MISSING = '–';
const MINUS = '−';
const SPACE = '\u00a0';

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** `0.7548` as `75.5 %`. */
export function percent(value: number, digits = 1): string {
  return Number.isFinite(value) ? `${fixed(value * 100, digits)}${SPACE}%` : MISSING;
}

/** `[0.708, 0.796]` as `70.8 to 79.6 %`. */
export function percentInterval([lo, hi]: readonly [number, number]): string {
  return `${fixed(lo * 100, 1)} to ${fixed(hi * 100, 1)}${SPACE}%`;
}

/** A difference of accuracies in percentage points, with its sign: `0.054` as `+5.4`. */
export function points(value: number): string {
  const text = fixed(value * 100, 1);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** The size of a difference in words: `-0.054` as `5.4 points`. */
export function pointsLong(value: number): string {
  const text = fixed(Math.abs(value) * 100, 1);
  return `${text}${SPACE}${text === '1.0' ? 'point' : 'points'}`;
}

/** An interval of a difference, in points: `+2.0 to +8.8`. */
export function pointsInterval([lo, hi]: readonly [number, number]): string {
  return `${points(lo)} to ${points(hi)}`;
}

/** A p-value: three decimals, `< 0.001` below that, four where rounding would show one under 0.05 as 0.050. */
export function pValue(p: number): string {
  if (p < 0.001) return `<${SPACE}0.001`;
  const text = p.toFixed(3);
  return p < 0.05 && text === '0.050' ? p.toFixed(4) : text;
}

/** `p = 0.012` or `p < 0.001`. */
export function pEquation(p: number): string {
  return p < 0.001 ? `p${SPACE}<${SPACE}0.001` : `p${SPACE}=${SPACE}${pValue(p)}`;
}

/** Seconds as `8.2 s`, `3 min 20 s` or `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}${SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${SPACE}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}min ${whole % 60}${SPACE}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}${SPACE}h ${minutes % 60}${SPACE}min`;
}

/** Memory given in 10^6 bytes as `640 MB` or `2.1 GB`. */
export function megabytes(value: number): string {
  return value < 1000 ? `${Math.round(value)}${SPACE}MB` : `${(value / 1000).toFixed(1)}${SPACE}GB`;
}

/** A large number in three figures: `3.51e9` as `3.51 G`. */
export function withPrefix(value: number): string {
  const { figures, prefix } = threeFigures(value);
  return prefix === '' ? figures : `${figures}${SPACE}${prefix}`;
}

/** Multiply-adds: `1.31e12` as `1.31 TMAC`. */
export function multiplyAdds(value: number): string {
  return multiplyAddsText(value).replace(' ', SPACE);
}

/** A ratio in two figures, without an exponent: `0.4567` as `0.46`, `12.3` as `12`. */
export function times(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

/** What is counted if the predictions of several seeds on the same images are combined. */
export function imagesOf(seeds: number): string {
  return seeds > 1 ? 'Images × seeds' : 'Images';
}

/** A whole number with thousands set apart: `3,303`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 image`, `2 images`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
