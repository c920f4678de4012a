import { extent, nice, ticks, tickStep } from 'd3-array';

/** A linear axis whose ends are ticks. */
export interface Scale {
  ticks: number[];
  /** Distance between ticks. */
  step: number;
  /** Position of a value along the axis in percent: 0 at the first tick, 100 at the last. */
  place: (value: number) => number;
}

export interface ScaleOptions {
  /** Number of intervals aimed at. Default 5. */
  intervals?: number;
  /** Smallest distance between ticks, for example 1 for epochs. */
  smallestStep?: number;
  /** Limits of the axis that are round numbers, for example 0 and 1 for accuracies. */
  bounds?: readonly [number, number];
}

/** An axis with round ticks (1, 2 or 5 times a power of ten) around all values. Values that are not finite are left out. */
export function niceScale(values: readonly number[], options: ScaleOptions = {}): Scale {
  const { intervals = 5, smallestStep = 0, bounds = [-Infinity, Infinity] } = options;
  const [low = 0, high = 1] = extent(values.filter(Number.isFinite));
  // Values that differ only by rounding have an axis around them. Ticks between such values, or closer
  // to 0 than the smallest normal number, are not numbers that differ.
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const isOne = high - low <= largest * 1e-9 || largest < 1e-300;
  const margin = largest < 1e-300 ? 0.5 : isOne ? largest * 0.05 : 0;
  const most = Math.max(1, Math.min(intervals, (high - low + 2 * margin) / smallestStep));
  const axisOf = (most: number): { inside: number[]; step: number } => {
    const [start, end] = nice(low - margin, high + margin, most);
    const all = ticks(start, end, most);
    return {
      inside: all.filter((tick) => tick >= bounds[0] && tick <= bounds[1]),
      step: tickStep(start, end, most),
    };
  };
  const axis = axisOf(most);
  // With one interval an axis around 0 has no tick, or 0 alone.
  const { inside, step } = axis.inside.length < 2 ? axisOf(2) : axis;
  const first = inside[0]!;
  const length = inside.at(-1)! - first;
  return {
    ticks: inside,
    step,
    place: (value) => Math.round(((value - first) / length) * 1e4) / 100,
  };
}

/** Number of decimals for ticks at this distance. */
export function tickDigits(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}
