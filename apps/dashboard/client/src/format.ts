import {
  duration as plainDuration,
  percent as plainPercent,
  points as plainPoints,
  typographic,
  withPrefix,
} from '@fixres/runs/report';

export { counted as count, pValue } from '@fixres/runs/report';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** An accuracy from 0 to 1 as percent with one decimal. */
export function percent(value: number | null | undefined): string {
  return typographic(plainPercent(value ?? Number.NaN));
}

/** Three digits: 0.00123, 1.23, 123, 12,345. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return whole.format(value);
  if (size >= 0.001 || size === 0) return String(Number(value.toPrecision(3)));
  return value.toExponential(1);
}

/** Multiply-adds and similar numbers with a unit: 1.2 G. */
export function withUnit(value: number): string {
  return typographic(withPrefix(value));
}

/** Seconds as `8.2 s`, `3 min 20 s` or `2 h 5 min`. */
export function duration(seconds: number): string {
  return typographic(plainDuration(seconds));
}

/** A difference of accuracies in points: `+5.4`. */
export function points(value: number): string {
  return typographic(plainPoints(value));
}

/** An interval of a difference, in points: `+2.0 to +8.8`. */
export function pointsInterval([low, high]: readonly [number, number]): string {
  return `${points(low)} to ${points(high)}`;
}
