import { decodeFloat16, encodeFloat16 } from './float16.ts';

/** Precision of cached features. `half` keeps 11 bits of each number. */
export type FeaturePrecision = 'full' | 'half';

/** Layout of the features of one view: a header of 8 bytes, then the numbers. */
export interface RecordLayout {
  precision: FeaturePrecision;
  /** Numbers of one view. */
  length: number;
}

/** Checksum (set by the store) and scale. */
export const HEADER_BYTES = 8;
/** Start of the checksummed part. */
export const SCALE_OFFSET = 4;

/** Bytes of a record; a multiple of 8, so that records can follow one another. */
export function recordBytes({ precision, length }: RecordLayout): number {
  const bytes = HEADER_BYTES + length * (precision === 'full' ? 4 : 2);
  return Math.ceil(bytes / 8) * 8;
}

/**
 * Writes numbers as a record. In half precision they are scaled by a power of two first, which loses nothing, so that the largest lies
 * between 2^14 and 2^15: no feature is too large for it, and none of weight too small.
 *
 * @param record {@link recordBytes} bytes that begin at a multiple of 4 in their buffer
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

/** The exponent to divide by, such that the largest number has exponent 14. 0 where there is none, or an infinite one. */
function largestExponent(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  // Below 2^-112 the scale itself would be outside of single precision.
  return largest > 2 ** -112 && largest < Infinity ? Math.floor(Math.log2(largest)) - 14 : 0;
}
