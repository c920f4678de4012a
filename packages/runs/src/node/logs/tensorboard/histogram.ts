/** A histogram as TensorBoard stores it: bucket i reaches from `limits[i - 1]` (or the least value) to `limits[i]`. */
export interface Histogram {
  min: number;
  max: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  limits: number[];
  counts: number[];
}

/** Buckets of `tf.summary.histogram`. */
const BUCKETS = 30;

/** Counts values in buckets of equal width. Values that are not finite are left out. */
export function histogramOf(values: Iterable<number>): Histogram {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return { min: 0, max: 0, count, sum, sumOfSquares, limits: [0], counts: [0] };
  // All equal: one bucket around the value, as TensorFlow does.
  if (min === max)
    return { min, max, count, sum, sumOfSquares, limits: [min + 0.5], counts: [count] };
  const width = (max - min) / BUCKETS;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of values) {
    if (Number.isFinite(value))
      counts[Math.min(Math.floor((value - min) / width), BUCKETS - 1)]! += 1;
  }
  const limits = Array.from({ length: BUCKETS }, (_, i) =>
    i === BUCKETS - 1 ? max : min + (i + 1) * width,
  );
  return { min, max, count, sum, sumOfSquares, limits, counts };
}
