/** The largest finite number of IEEE 754 half precision. */
export const FLOAT16_MAX = 65_504;

/**
 * Bits of 2^-14, the smallest normal number of half precision, as a single-precision number; and of
 * 2^16, larger than any.
 */
const SMALLEST_NORMAL = 0x38800000;
const PAST_LARGEST = 0x47800000;
/** The exponent bias is 127 in single precision and 15 in half precision. */
const REBIAS = 0x38000000;
const INFINITY = 0x7c00;
const QUIET_NAN = 0x7e00;

const oneFloat = new Float32Array(1);
const oneWord = new Uint32Array(oneFloat.buffer);

/**
 * Rounds numbers to half precision, to nearest with ties to even, as hardware and numpy do. Numbers
 * from 65520 on become infinite.
 *
 * Uses half precision, not bfloat16: it keeps 11 bits of each number instead of 8, and its smaller
 * range does not matter for numbers that are scaled first.
 *
 * @param values single-precision numbers
 * @param into receives the 16 bits of each
 */
export function encodeFloat16(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude < SMALLEST_NORMAL) {
      // Adding 1/2 aligns the last kept bit with the end of the sum, so the addition itself rounds
      // to even.
      oneWord[0] = magnitude;
      oneFloat[0] = oneFloat[0]! + 0.5;
      into[i] = sign | (oneWord[0] - 0x3f000000);
    } else if (magnitude < PAST_LARGEST) {
      // Half of the dropped part, minus one if the last kept bit is 0: carries into that bit
      // exactly when it must.
      into[i] = sign | ((magnitude - REBIAS + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    } else {
      into[i] = sign | (magnitude > 0x7f800000 ? QUIET_NAN : INFINITY);
    }
  }
}

let decoded: Float32Array | undefined;

/**
 * Converts half-precision numbers to single precision and multiplies them by a factor. The
 * conversion is exact.
 *
 * @param bits 16 bits of each number
 */
export function decodeFloat16(bits: Uint16Array, into: Float32Array, factor = 1): void {
  decoded ??= Float32Array.from({ length: 0x10000 }, (_, half) => valueOf(half));
  const table = decoded;
  for (let i = 0; i < bits.length; i++) into[i] = table[bits[i]!]! * factor;
}

function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
