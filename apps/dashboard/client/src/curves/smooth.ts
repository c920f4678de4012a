/**
 * Exponential moving average with bias correction (Kingma and Ba 2014, section 3): each value is
 * divided by the sum of the weights so far. NaN is skipped.
 *
 * @param weight of the past, from 0 (no smoothing) to below 1
 */
export function smooth(values: readonly number[], weight: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      smoothed[i] = Number.NaN;
      continue;
    }
    sum = sum * weight + value;
    weights = weights * weight + 1;
    smoothed[i] = sum / weights;
  }
  return smoothed;
}
