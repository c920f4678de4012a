/**
 * What is shown outside an image, as in torchvision and numpy:
 *
 * - `constant`: the same levels everywhere.
 * - `edge`: the nearest pixel.
 * - `reflect`: the image mirrored at its outermost pixels, which are not repeated.
 * - `symmetric`: the image mirrored at its edges.
 */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/**
 * The pixel of a line of `length` pixels that is shown at position `i`, which can be any whole
 * number.
 */
export function paddedIndex(
  i: number,
  length: number,
  mode: Exclude<PaddingMode, 'constant'>,
): number {
  if (i >= 0 && i < length) return i;
  if (mode === 'edge') return Math.min(Math.max(i, 0), length - 1);
  // A reflected line repeats after this number of pixels; one of a single pixel is constant.
  const period = mode === 'reflect' ? Math.max(2 * length - 2, 1) : 2 * length;
  const place = ((i % period) + period) % period;
  if (place < length) return place;
  return mode === 'reflect' ? period - place : period - 1 - place;
}

/** The first pixel that positions `start` to `start + count - 1` show, and the one after the last. */
export function shownRange(
  start: number,
  count: number,
  length: number,
  mode: Exclude<PaddingMode, 'constant'>,
): [first: number, end: number] {
  const shown = Array.from({ length: count }, (_, i) => paddedIndex(start + i, length, mode));
  return [Math.min(...shown), Math.max(...shown) + 1];
}
