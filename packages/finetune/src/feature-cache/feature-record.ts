import { decodeFloat16, encodeFloat16 } from './float16.ts';

/** Precision of cached features. `half` keeps 11 bits of each number. */
export type FeaturePrecision = 'full' | 'half';

/** Layout of the features of one view: an 8-byte header, then the numbers. */
export interface RecordLayout {
  precision: FeaturePrecision;
  /** Count of numbers per view. */
  length: number;
}

/** Checksum (set by the store) and scale. */
export const HEADER_BYTES = 8;
/** Start of the checksummed part. */
export const SCALE_OFFSET = 4;

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
 */
export function encodeRecord(layout: RecordLayout, values: Float32Array, record: Uint8Array): void {
  const { buffer, byteOffset } = record;
  const header = new Float32Array(buffer, byteOffset + SCALE_OFFSET, 1);
  if (layout.precision === 'full') {
    header[0] = 1;
    new Float32Array(buffer, byteOffset + HEADER_BYTES, layout.length).set(values);
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
