/** Width of the smoothing kernel in ln(ratio): fine enough for the shape, wide enough for whole-pixel crops. */
const BANDWIDTH = 0.07;
const POINTS = 160;

/**
 * Density of ln(ratio), smoothed by a normal kernel, from the percentiles of the ratio; one
 * hundredth of the values is between two of them.
 *
 * @param percentiles 101 positive values, ascending
 */
export function density(percentiles: readonly number[]): { at: number; value: number }[] {
  const centres = percentiles
    .slice(1)
    .map((value, i) => (Math.log(value) + Math.log(percentiles[i]!)) / 2);
  const low = centres[0]! - 4 * BANDWIDTH;
  const high = centres.at(-1)! + 4 * BANDWIDTH;
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const log = low + ((high - low) * i) / POINTS;
    const sum = centres.reduce(
      (total, centre) => total + Math.exp(-0.5 * ((log - centre) / BANDWIDTH) ** 2),
      0,
    );
    return {
      at: Math.exp(log),
      value: sum / (centres.length * BANDWIDTH * Math.sqrt(2 * Math.PI)),
    };
  });
}
