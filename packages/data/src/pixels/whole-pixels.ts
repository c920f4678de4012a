/**
 * The pixels that a part of an axis touches: the first, and the one behind the last. A decoder that scales down leaves parts that
 * begin and end within a pixel, and rounding must not carry them into the next one.
 */
export function wholePixels(start: number, length: number): [first: number, end: number] {
  const slack = 1e-6;
  return [Math.floor(start + slack), Math.ceil(start + length - slack)];
}
