/** JSON of drawn values: six digits are more than a screen shows, and halve the size. */
export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'number' ? shortNumber(each) : each,
    ),
  );
}

function shortNumber(value: number): number | null {
  if (Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}
