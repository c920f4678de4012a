import type { ValueRange } from './value-range.ts';

/** Steps between 256 levels. */
const STEPS = 255;

/** Parts of the whole range at which a side may end. */
const PARTS = 200;

/** How often both sides are chosen in turn; later turns hardly change them. */
const TURNS = 3;

/**
 * The range whose 256 levels represent numbers with the least squared error: the sum of the errors of
 * the numbers outside, which move to its ends, and of the rounding of those inside. A few far numbers
 * would otherwise make the steps of all others large.
 *
 * Source of the two terms: R. Banner, Y. Nahshan and D. Soudry, "Post training 4-bit quantization of
 * convolutional networks for rapid-deployment", NeurIPS 2019.
 *
 * @param numbers a sample, at least one; sorted in place
 * @returns a range that contains 0, and is not wider than the numbers and 0
 */
export function leastErrorRange(numbers: Float32Array): ValueRange {
  numbers.sort();
  const whole = { low: Math.min(numbers[0]!, 0), high: Math.max(numbers.at(-1)!, 0) };
  const errorOf = squaredError(numbers);
  let best = whole;
  let least = errorOf(whole);
  for (let turn = 0; turn < TURNS; turn++)
    for (const side of ['low', 'high'] as const)
      for (let part = 1; part <= PARTS; part++) {
        const range = { ...best, [side]: (whole[side] * part) / PARTS };
        const error = errorOf(range);
        if (error < least) [best, least] = [range, error];
      }
  return best;
}

/** The sum of squared errors of a range for sorted numbers. */
function squaredError(sorted: Float32Array): (range: ValueRange) => number {
  const { length } = sorted;
  // Sums of the first i numbers and of their squares.
  const sums = new Float64Array(length + 1);
  const squares = new Float64Array(length + 1);
  for (const [i, value] of sorted.entries()) {
    sums[i + 1] = sums[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
  }
  /** Of the numbers from `start` to `end`, if all become `to`. */
  const moved = (start: number, end: number, to: number): number =>
    squares[end]! -
    squares[start]! -
    2 * to * (sums[end]! - sums[start]!) +
    (end - start) * to * to;
  const zeros = countBelow(sorted, Number.MIN_VALUE) - countBelow(sorted, 0);
  return ({ low, high }) => {
    const first = countBelow(sorted, low);
    const end = Math.max(first, countBelow(sorted, high));
    const step = (high - low) / STEPS;
    // 0 is a level, so it is exact. A rounding error is as likely anywhere in half a step.
    const rounded = Math.max(0, end - first - zeros);
    return moved(0, first, low) + (rounded * step * step) / 12 + moved(end, length, high);
  };
}

/** How many sorted numbers are below a limit. */
function countBelow(sorted: Float32Array, limit: number): number {
  let [start, end] = [0, sorted.length];
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (sorted[middle]! < limit) start = middle + 1;
    else end = middle;
  }
  return start;
}
