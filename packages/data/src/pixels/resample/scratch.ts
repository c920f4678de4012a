/**
 * Reused memory for intermediate rows. Allocating it for thousands of images per second would keep
 * the garbage collector busy.
 */
let bytes = new Uint8Array(0);
let numbers = new Float64Array(0);

/** At least `length` bytes with arbitrary content; the next call may return the same memory. */
export function scratchBytes(length: number): Uint8Array {
  if (bytes.length < length) bytes = new Uint8Array(length);
  return bytes;
}

/** At least `length` numbers with arbitrary content; the next call may return the same memory. */
export function scratchNumbers(length: number): Float64Array {
  if (numbers.length < length) numbers = new Float64Array(length);
  return numbers;
}
