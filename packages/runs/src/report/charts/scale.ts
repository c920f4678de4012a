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
  /** Limits of the axis, for example 0 and 1 for accuracies. */
  bounds?: readonly [number, number];
}

/** An axis with round ticks (1, 2 or 5 times a power of ten) around all values. Values that are not finite are left out. */
export function niceScale(values: readonly number[], options: ScaleOptions = {}): Scale {
  const { intervals = 5, smallestStep = 0, bounds = [-Infinity, Infinity] } = options;
  const finite = values.filter(Number.isFinite);
  const low = finite.length > 0 ? Math.min(...finite) : 0;
  const high = finite.length > 0 ? Math.max(...finite) : 1;
  const spread = high - low || Math.abs(high) * 0.1 || 1;
  const power = 10 ** Math.floor(Math.log10(spread / intervals));
  const rounded =
    [1, 2, 5, 10].map((m) => m * power).find((s) => s * intervals >= spread * 0.999) ?? 10 * power;
  const step = Math.max(rounded, smallestStep);
  let first = Math.floor(low / step + 1e-9);
  let last = Math.ceil(high / step - 1e-9);
  if (first === last) {
    first -= 1;
    last += 1;
  }
  const ticks: number[] = [];
  for (let i = first; i <= last; i++) {
    // Multiples of a step such as 0.1 collect rounding errors.
    const tick = Number((i * step).toPrecision(12));
    if (tick >= bounds[0] && tick <= bounds[1]) ticks.push(tick);
  }
  const start = ticks[0]!;
  const length = ticks.at(-1)! - start;
  return { ticks, step, place: (value) => Math.round(((value - start) / length) * 1e4) / 100 };
}

/** Number of decimals for ticks at this distance. */
export function tickDigits(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}
