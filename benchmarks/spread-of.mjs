import { median } from './median.mjs';

/** Median, lowest and highest of several rounds, rounded. */
export function spreadOf(values, digits) {
  return {
    median: round(median(values), digits),
    lowest: round(Math.min(...values), digits),
    highest: round(Math.max(...values), digits),
  };
}

/** A number with at most this many decimals. */
export function round(value, digits) {
  return Number(value.toFixed(digits));
}
