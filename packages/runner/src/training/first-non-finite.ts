/** The first value that is not finite; undefined if all are. Fast enough for the state of a large network at each checkpoint. */
export function firstNonFinite(values: Float32Array | Int32Array): number | undefined {
  // A product with 0 is 0, or NaN. With for...of, or a function for each value, V8 takes ten times as long.
  let zero = 0;
  let i = values.length;
  while (i-- > 0) zero += values[i]! * 0;
  return zero === 0 ? undefined : values.find((value) => !Number.isFinite(value));
}
