import { FixresFinetuneError } from '../errors.ts';

/**
 * The upper two bytes of bfloat16 numbers in single precision; the others are 0.
 *
 * @param into receives the 16 bits of each
 * @throws FixresFinetuneError `bad-cache` if a number is not a bfloat16 number
 */
export function encodeBfloat16(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let dropped = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    into[i] = word >>> 16;
    dropped |= word;
  }
  if ((dropped & 0xffff) === 0) return;
  const other = values.find((_, i) => (words[i]! & 0xffff) !== 0)!;
  throw new FixresFinetuneError(
    'bad-cache',
    `features: received ${other}; allowed are bfloat16 numbers, for a store in bfloat16`,
  );
}

/**
 * Bfloat16 numbers in single precision.
 *
 * @param bits 16 bits of each
 */
export function decodeBfloat16(bits: Uint16Array, into: Float32Array): void {
  const words = new Uint32Array(into.buffer, into.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
}
