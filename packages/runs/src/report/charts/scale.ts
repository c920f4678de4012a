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
  // Equal values have an axis around them.
  const margin = low === high ? Math.abs(low) * 0.05 || 0.5 : 0;
  const most = Math.max(1, Math.min(intervals, (high - low + 2 * margin) / smallestStep));
  const [start, end] = nice(low - margin, high + margin, most);
  const inside = ticks(start, end, most).filter((tick) => tick >= bounds[0] && tick <= bounds[1]);
  const first = inside[0]!;
  const length = inside.at(-1)! - first;
  return {
    ticks: inside,
    step: tickStep(start, end, most),
    place: (value) => Math.round(((value - first) / length) * 1e4) / 100,
  };
}

/** Number of decimals for ticks at this distance. */
export function tickDigits(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}
