import { threeFigures } from './multiply-adds.ts';

const MISSING = '–';

/** `0.7548` as `75.5 %`. */
export function percent(value: number, digits = 1): string {
  return Number.isFinite(value) ? `${signed(value * 100, digits)} %` : MISSING;
}

/** A difference of accuracies in percentage points, with its sign: `0.031` as `+3.1`. */
export function points(value: number): string {
  const text = signed(value * 100, 1);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * A p-value: three decimals, `<0.001` below that, and four if rounding would show one under 0.05 as
 * 0.050.
 */
export function pValue(p: number): string {
  if (p < 0.001) return '<0.001';
  const text = p.toFixed(3);
  return p < 0.05 && text === '0.050' ? p.toFixed(4) : text;
}

/** Seconds in the columns of a table: `75` as `1:15`, `3700` as `1:01:40`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${pad(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

/** Seconds in a sentence: `8.2 s`, `3 min 20 s` or `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Memory given in 10^6 bytes: `812.3` as `812 MB`, `2140` as `2.1 GB`. */
export function megabytes(mb: number): string {
  return mb < 1000 ? `${Math.round(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`;
}

/** A large number in three figures: `3.51e9` as `3.51 G`. */
export function withPrefix(value: number): string {
  const { figures, prefix } = threeFigures(value);
  return prefix === '' ? figures : `${figures} ${prefix}`;
}

/** A whole number with thousands set apart: `3,303`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 image`, `2 images`, `1 class`, `3,303 classes`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** For pages: real minus signs, also between two arms, and a no-break space between a number and its unit. */
export function typographic(text: string): string {
  return text
    .replace(/(?<![\w.])-(?=\d)/g, '−')
    .replace(/(?<=\w) - (?=\w)/g, '\u00a0−\u00a0')
    .replace(/(?<=\d) (?=(?:%|[MG]B|s|min|h|px|points?|[kMGTPE](?:MAC)?)(?!\w))/g, '\u00a0');
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `-${text}` : text;
}
