/**
 * The pixels that a part of an axis touches: the first, and the one after the last. After a decoder
 * scaled down, a part can begin and end within a pixel; rounding errors must not extend it into the
 * next one.
 */
export function wholePixels(start: number, length: number): [first: number, end: number] {
  const slack = 1e-6;
  return [Math.floor(start + slack), Math.ceil(start + length - slack)];
}
