/** Memory for intermediate rows, kept from call to call: thousands of images a second would otherwise keep the collector busy. */
let bytes = new Uint8Array(0);
let numbers = new Float64Array(0);

/** At least `length` bytes whose content is arbitrary; the next call may hand out the same ones. */
export function scratchBytes(length: number): Uint8Array {
  if (bytes.length < length) bytes = new Uint8Array(length);
  return bytes;
}

/** At least `length` numbers whose content is arbitrary; the next call may hand out the same ones. */
export function scratchNumbers(length: number): Float64Array {
  if (numbers.length < length) numbers = new Float64Array(length);
  return numbers;
}
