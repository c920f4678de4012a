import * as plain from '../format.ts';
import { multiplyAddsText } from '../multiply-adds.ts';

const { typographic } = plain;

/** As {@link plain.percent}. */
export function percent(value: number, digits?: number): string {
  return typographic(plain.percent(value, digits));
}

/** `[0.708, 0.796]` as `70.8 to 79.6 %`. */
export function percentInterval([low, high]: readonly [number, number]): string {
  return `${percent(low).slice(0, -2)} to ${percent(high)}`;
}

/** As {@link plain.points}. */
export function points(value: number): string {
  return typographic(plain.points(value));
}

/** The size of a difference in words: `-0.054` as `5.4 points`. */
export function pointsLong(value: number): string {
  const text = plain.points(Math.abs(value)).replace('+', '');
  return typographic(`${text} ${text === '1.0' ? 'point' : 'points'}`);
}

/** An interval of a difference, in points: `+2.0 to +8.8`. */
export function pointsInterval([low, high]: readonly [number, number]): string {
  return `${points(low)} to ${points(high)}`;
}

/** As {@link plain.pValue}, with a space that does not break. */
export function pValue(p: number): string {
  return plain.pValue(p).replace('<', '<\u00a0');
}

/** `p = 0.012` or `p < 0.001`. */
export function pEquation(p: number): string {
  const value = pValue(p);
  return value.startsWith('<') ? `p\u00a0${value}` : `p\u00a0=\u00a0${value}`;
}

/** As {@link plain.duration}. */
export function duration(seconds: number): string {
  return typographic(plain.duration(seconds));
}

/** As {@link plain.megabytes}. */
export function megabytes(mb: number): string {
  return typographic(plain.megabytes(mb));
}

/** As {@link plain.withPrefix}. */
export function withPrefix(value: number): string {
  return typographic(plain.withPrefix(value));
}

/** Multiply-adds: `1.31e12` as `1.31 TMAC`. */
export function multiplyAdds(value: number): string {
  return typographic(multiplyAddsText(value));
}

/** A ratio in two figures, without an exponent: `0.4567` as `0.46`, `12.3` as `12`. */
export function times(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

/** What is counted if the predictions of several seeds on the same images are combined. */
export function imagesOf(seeds: number): string {
  return seeds > 1 ? 'Images × seeds' : 'Images';
}
