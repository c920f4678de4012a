/** The first value that is not finite; undefined if all are. Fast enough for the state of a large network at each checkpoint. */
export function firstNonFinite(values: Float32Array | Int32Array): number | undefined {
  // A product with 0 is 0, or NaN.
  let zero = 0;
  for (let i = 0; i < values.length; i++) zero += values[i]! * 0;
  return zero === 0 ? undefined : values.find((value) => !Number.isFinite(value));
}
