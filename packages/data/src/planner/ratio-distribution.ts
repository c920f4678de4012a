/** Distribution of the apparent-size ratio test / train over images and train views. */
export interface RatioDistribution {
  /** Arithmetic mean; 1 is matched. */
  mean: number;
  /**
   * Standard deviation of ln(ratio): how much the sizes seen in training vary. Test policies hardly
   * change it.
   */
  logSpread: number;
  p10: number;
  p50: number;
  p90: number;
  /** 101 values: the 0th, 1st, ... 100th percentile. */
  percentiles: number[];
}

/** @param ratios positive, in ascending order, at least one */
export function ratioDistribution(ratios: Float64Array): RatioDistribution {
  const mean = meanOf(ratios);
  const logs = ratios.map(Math.log);
  const logMean = meanOf(logs);
  let squares = 0;
  for (const log of logs) squares += (log - logMean) ** 2;
  const logSpread = Math.sqrt(squares / logs.length);
  const percentiles = Array.from({ length: 101 }, (_, percent) => quantile(ratios, percent / 100));
  return {
    mean,
    logSpread,
    p10: percentiles[10]!,
    p50: percentiles[50]!,
    p90: percentiles[90]!,
    percentiles,
  };
}

/** Linear interpolation, NumPy's default. */
function quantile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
