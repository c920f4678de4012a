import { decodeBfloat16, encodeBfloat16 } from './bfloat16.ts';
import { decodeFloat16, encodeFloat16 } from './float16.ts';

/** Precision of cached features. `half` keeps 11 bits of each number. */
export type FeaturePrecision = 'full' | 'half';

/** Layout of the features of one view: an 8-byte header, then the numbers. */
export interface RecordLayout {
  /** `bfloat16` keeps the upper two bytes of each number: all of a bfloat16 number. */
  precision: FeaturePrecision | 'bfloat16';
  /** Count of numbers per view. */
  length: number;
}

/** Checksum (set by the store) and scale. */
export const HEADER_BYTES = 8;
/** Start of the checksummed part. */
export const SCALE_OFFSET = 4;

/**
 * The layout for features of a shape.
 *
 * @param isBfloat16 whether all features are bfloat16 numbers, which two bytes keep exactly
 */
export function recordLayout(
  shape: readonly number[],
  precision: FeaturePrecision,
  isBfloat16: boolean,
): RecordLayout {
  const length = shape.reduce((product, side) => product * side, 1);
  return { precision: isBfloat16 ? 'bfloat16' : precision, length };
}

/** Size of a record in bytes; a multiple of 8, so that records can be stored consecutively. */
export function recordBytes({ precision, length }: RecordLayout): number {
  const bytes = HEADER_BYTES + length * (precision === 'full' ? 4 : 2);
  return Math.ceil(bytes / 8) * 8;
}

/**
 * Writes numbers as a record. In half precision they are first scaled by a power of two, which is
 * lossless, so that the largest is between 2^14 and 2^15: no feature is too large, and none that
 * matters is too small.
 *
 * @param record {@link recordBytes} bytes that start at a multiple of 4 in their buffer
 * @throws FixresFinetuneError `bad-cache` if the layout is `bfloat16` and a number needs more digits
 */
export function encodeRecord(layout: RecordLayout, values: Float32Array, record: Uint8Array): void {
  const { buffer, byteOffset } = record;
  const header = new Float32Array(buffer, byteOffset + SCALE_OFFSET, 1);
  if (layout.precision === 'full') {
    header[0] = 1;
    new Float32Array(buffer, byteOffset + HEADER_BYTES, layout.length).set(values);
    return;
  }
  if (layout.precision === 'bfloat16') {
    header[0] = 1;
    encodeBfloat16(values, new Uint16Array(buffer, byteOffset + HEADER_BYTES, layout.length));
    return;
  }
  const exponent = largestExponent(values);
  header[0] = 2 ** exponent;
  const factor = 2 ** -exponent;
  encodeFloat16(
    values.map((value) => value * factor),
    new Uint16Array(buffer, byteOffset + HEADER_BYTES, layout.length),
  );
}

/** Reads a record of {@link encodeRecord}. */
export function decodeRecord(layout: RecordLayout, record: Uint8Array, into: Float32Array): void {
  const { buffer, byteOffset } = record;
  if (layout.precision === 'full') {
    into.set(new Float32Array(buffer, byteOffset + HEADER_BYTES, layout.length));
    return;
  }
  if (layout.precision === 'bfloat16') {
    decodeBfloat16(new Uint16Array(buffer, byteOffset + HEADER_BYTES, layout.length), into);
    return;
  }
  const [scale] = new Float32Array(buffer, byteOffset + SCALE_OFFSET, 1);
  decodeFloat16(new Uint16Array(buffer, byteOffset + HEADER_BYTES, layout.length), into, scale);
}

/**
 * The exponent to divide by, so that the largest number has exponent 14. 0 if there is no such
 * number or it is infinite.
 */
function largestExponent(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  // Below 2^-112 the scale itself would be outside the range of single precision.
  return largest > 2 ** -112 && largest < Infinity ? Math.floor(Math.log2(largest)) - 14 : 0;
}
