/** A stored value as text or a number; bytes are text, and big integers are numbers. */
export function parquetValue(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
  return typeof value === 'bigint' ? Number(value) : value;
}
