import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16, FLOAT16_MAX } from './float16.ts';

const every = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const values = new Float32Array(0x10000);
decodeFloat16(every, values);

function encode(...numbers: number[]): number[] {
  const bits = new Uint16Array(numbers.length);
  encodeFloat16(Float32Array.from(numbers), bits);
  return [...bits];
}

function round(number: number): number {
  return values[encode(number)[0]!]!;
}

/**
 * All finite halves from 0 up, in order, because positive bit patterns have the order of their
 * values.
 */
const positive = values.subarray(0, 0x7c00);

/**
 * The definition: the nearest neighbour; if both are equally near, the one with an even last bit.
 */
function nearest(number: number): number {
  const magnitude = Math.abs(number);
  let low = 0;
  let high = positive.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (positive[middle]! <= magnitude) low = middle;
    else high = middle;
  }
  const [below, above] = [magnitude - positive[low]!, positive[high]! - magnitude];
  const chosen = below < above || (below === above && low % 2 === 0) ? low : high;
  return number < 0 ? -positive[chosen]! : positive[chosen]!;
}

describe('half precision', () => {
  it('has the numbers of the standard', () => {
    expect(values.slice(0, 3)).toEqual(Float32Array.of(0, 2 ** -24, 2 ** -23));
    expect([
      values[0x3c00],
      values[0xc000],
      values[0x0400],
      values[0x7bff],
      values[0x7c00],
      values[0xfc00],
      values[0x3555],
    ]).toEqual([1, -2, 2 ** -14, FLOAT16_MAX, Infinity, -Infinity, 0.333251953125]);
    expect(values[0x7e00]).toBeNaN();
  });

  it('survives the round trip through single precision to the bit', () => {
    const bits = new Uint16Array(0x10000);
    encodeFloat16(values, bits);
    const numbers = every.filter((half) => (half & 0x7fff) <= 0x7c00);
    expect(numbers.filter((half) => bits[half] !== half)).toEqual(new Uint16Array(0));
    expect(bits[0xffff]! & 0x7fff).toBe(0x7e00);
  });

  it('rounds to the nearest number, halfway cases to even', () => {
    fc.assert(
      fc.property(
        fc.float({ min: -FLOAT16_MAX, max: FLOAT16_MAX, noNaN: true }),
        (number) => round(number) === nearest(number),
      ),
    );
    fc.assert(
      fc.property(
        fc.float({ min: Math.fround(-(2 ** -13)), max: Math.fround(2 ** -13), noNaN: true }),
        (number) => round(number) === nearest(number),
      ),
    );
    const halfway = fc.nat(0x7bfe).map((half) => (positive[half]! + positive[half + 1]!) / 2);
    fc.assert(
      fc.property(
        halfway,
        (number) => round(number) === nearest(number) && round(-number) === nearest(-number),
      ),
      { numRuns: 500 },
    );
  });

  it('is infinite beyond its range, and keeps the sign of zero', () => {
    expect(encode(65519, 65520, -1e30, 3e38, Infinity, -Infinity)).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x7c00, 0xfc00,
    ]);
    expect(encode(0, -0, 2 ** -25, 2 ** -25 * 1.001, -(2 ** -26))).toEqual([
      0, 0x8000, 0, 1, 0x8000,
    ]);
    expect(encode(NaN)[0]! & 0x7fff).toBe(0x7e00);
  });

  it('multiplies by a factor while decoding', () => {
    const into = new Float32Array(2);
    decodeFloat16(Uint16Array.of(0x3c00, 0xc000), into, 0.25);
    expect(into).toEqual(Float32Array.of(0.25, -0.5));
  });
});
