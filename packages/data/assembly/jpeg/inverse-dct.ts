/**
 * libjpeg's accurate inverse cosine transform ("islow", after Loeffler, Ligtenberg and Moschytz 1989) for eight columns at once:
 * 13 bits of fraction, two more kept between the passes. Products and saturation are those of libjpeg-turbo's SIMD code, so that
 * the levels are the same to the bit.
 */

/** Between the passes: 8 x 8 numbers of 16 bits. */
const middle = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: decorator
@inline
function low2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function high2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}

// @ts-ignore: decorator
@inline
function pair(first: i16, second: i16): v128 {
  return i16x8(first, second, first, second, first, second, first, second);
}

/** (a + b) and (a - b) of 32 bits, rounded and shifted: two of the eight results. */
// @ts-ignore: decorator
@inline
function sums(aLow: v128, aHigh: v128, bLow: v128, bHigh: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.add(aLow, bLow), half), shift),
    i32x4.shr_s(i32x4.add(i32x4.add(aHigh, bHigh), half), shift),
  );
}

// @ts-ignore: decorator
@inline
function differences(aLow: v128, aHigh: v128, bLow: v128, bHigh: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.sub(aLow, bLow), half), shift),
    i32x4.shr_s(i32x4.add(i32x4.sub(aHigh, bHigh), half), shift),
  );
}

/** Transforms along the columns of eight rows and writes the result transposed. */
// @ts-ignore: decorator
@inline
function pass(in0: v128, in1: v128, in2: v128, in3: v128, in4: v128, in5: v128, in6: v128, in7: v128, shift: i32): void {
  // Even part.
  const low26 = low(in2, in6);
  const high26 = high(in2, in6);
  const c2 = pair(10703, 4433);
  const c6 = pair(4433, -10704);
  const even3Low = i32x4.dot_i16x8_s(low26, c2);
  const even3High = i32x4.dot_i16x8_s(high26, c2);
  const even2Low = i32x4.dot_i16x8_s(low26, c6);
  const even2High = i32x4.dot_i16x8_s(high26, c6);
  const sum04 = i16x8.add(in0, in4);
  const difference04 = i16x8.sub(in0, in4);
  const even0Low = i32x4.shl(i32x4.extend_low_i16x8_s(sum04), 13);
  const even0High = i32x4.shl(i32x4.extend_high_i16x8_s(sum04), 13);
  const even1Low = i32x4.shl(i32x4.extend_low_i16x8_s(difference04), 13);
  const even1High = i32x4.shl(i32x4.extend_high_i16x8_s(difference04), 13);
  const a0Low = i32x4.add(even0Low, even3Low);
  const a0High = i32x4.add(even0High, even3High);
  const a3Low = i32x4.sub(even0Low, even3Low);
  const a3High = i32x4.sub(even0High, even3High);
  const a1Low = i32x4.add(even1Low, even2Low);
  const a1High = i32x4.add(even1High, even2High);
  const a2Low = i32x4.sub(even1Low, even2Low);
  const a2High = i32x4.sub(even1High, even2High);

  // Odd part.
  const z3 = i16x8.add(in7, in3);
  const z4 = i16x8.add(in5, in1);
  const c3 = pair(-6436, 9633);
  const c4 = pair(9633, 6437);
  const z3Low = i32x4.dot_i16x8_s(low(z3, z4), c3);
  const z3High = i32x4.dot_i16x8_s(high(z3, z4), c3);
  const z4Low = i32x4.dot_i16x8_s(low(z3, z4), c4);
  const z4High = i32x4.dot_i16x8_s(high(z3, z4), c4);
  const low71 = low(in7, in1);
  const high71 = high(in7, in1);
  const low53 = low(in5, in3);
  const high53 = high(in5, in3);
  const c7 = pair(-4927, -7373);
  const c1 = pair(-7373, 4926);
  const c5 = pair(-4176, -20995);
  const c9 = pair(-20995, 4177);
  const odd0Low = i32x4.add(i32x4.dot_i16x8_s(low71, c7), z3Low);
  const odd0High = i32x4.add(i32x4.dot_i16x8_s(high71, c7), z3High);
  const odd3Low = i32x4.add(i32x4.dot_i16x8_s(low71, c1), z4Low);
  const odd3High = i32x4.add(i32x4.dot_i16x8_s(high71, c1), z4High);
  const odd1Low = i32x4.add(i32x4.dot_i16x8_s(low53, c5), z4Low);
  const odd1High = i32x4.add(i32x4.dot_i16x8_s(high53, c5), z4High);
  const odd2Low = i32x4.add(i32x4.dot_i16x8_s(low53, c9), z3Low);
  const odd2High = i32x4.add(i32x4.dot_i16x8_s(high53, c9), z3High);

  const row0 = sums(a0Low, a0High, odd3Low, odd3High, shift);
  const row7 = differences(a0Low, a0High, odd3Low, odd3High, shift);
  const row1 = sums(a1Low, a1High, odd2Low, odd2High, shift);
  const row6 = differences(a1Low, a1High, odd2Low, odd2High, shift);
  const row2 = sums(a2Low, a2High, odd1Low, odd1High, shift);
  const row5 = differences(a2Low, a2High, odd1Low, odd1High, shift);
  const row3 = sums(a3Low, a3High, odd0Low, odd0High, shift);
  const row4 = differences(a3Low, a3High, odd0Low, odd0High, shift);

  // Transpose.
  const t0 = low(row0, row1);
  const t1 = high(row0, row1);
  const t2 = low(row2, row3);
  const t3 = high(row2, row3);
  const t4 = low(row4, row5);
  const t5 = high(row4, row5);
  const t6 = low(row6, row7);
  const t7 = high(row6, row7);
  const u0 = low2(t0, t2);
  const u1 = high2(t0, t2);
  const u2 = low2(t1, t3);
  const u3 = high2(t1, t3);
  const u4 = low2(t4, t6);
  const u5 = high2(t4, t6);
  const u6 = low2(t5, t7);
  const u7 = high2(t5, t7);
  v128.store(middle, v128.shuffle<i64>(u0, u4, 0, 2));
  v128.store(middle, v128.shuffle<i64>(u0, u4, 1, 3), 16);
  v128.store(middle, v128.shuffle<i64>(u1, u5, 0, 2), 32);
  v128.store(middle, v128.shuffle<i64>(u1, u5, 1, 3), 48);
  v128.store(middle, v128.shuffle<i64>(u2, u6, 0, 2), 64);
  v128.store(middle, v128.shuffle<i64>(u2, u6, 1, 3), 80);
  v128.store(middle, v128.shuffle<i64>(u3, u7, 0, 2), 96);
  v128.store(middle, v128.shuffle<i64>(u3, u7, 1, 3), 112);
}

/** Two rows of samples as bytes. */
// @ts-ignore: decorator
@inline
function storeRows(row: usize, out: usize, stride: usize): void {
  const bias = i16x8.splat(128);
  const bytes = i8x16.narrow_i16x8_u(i16x8.add_sat_s(v128.load(middle + row * 16), bias), i16x8.add_sat_s(v128.load(middle + row * 16, 16), bias));
  v128.store64_lane(out + row * stride, bytes, 0);
  v128.store64_lane(out + row * stride + stride, bytes, 1);
}

/**
 * Turns a block into samples.
 *
 * @param quant factors, row by row as the coefficients
 * @param flat whether all coefficients but the first are zero
 */
export function inverseDct(block: usize, quant: usize, flat: bool, out: usize, stride: usize): void {
  if (flat) {
    const level = <i32>(<i16>(<i32>load<i16>(block) * <i32>load<i16>(quant)));
    const sample = <u64>min(max(((level + 4) >> 3) + 128, 0), 255) * 0x0101010101010101;
    for (let row: usize = 0; row < 8; row++) store<u64>(out + row * stride, sample);
    return;
  }
  pass(
    i16x8.mul(v128.load(block), v128.load(quant)),
    i16x8.mul(v128.load(block, 16), v128.load(quant, 16)),
    i16x8.mul(v128.load(block, 32), v128.load(quant, 32)),
    i16x8.mul(v128.load(block, 48), v128.load(quant, 48)),
    i16x8.mul(v128.load(block, 64), v128.load(quant, 64)),
    i16x8.mul(v128.load(block, 80), v128.load(quant, 80)),
    i16x8.mul(v128.load(block, 96), v128.load(quant, 96)),
    i16x8.mul(v128.load(block, 112), v128.load(quant, 112)),
    11,
  );
  pass(
    v128.load(middle),
    v128.load(middle, 16),
    v128.load(middle, 32),
    v128.load(middle, 48),
    v128.load(middle, 64),
    v128.load(middle, 80),
    v128.load(middle, 96),
    v128.load(middle, 112),
    18,
  );
  storeRows(0, out, stride);
  storeRows(2, out, stride);
  storeRows(4, out, stride);
  storeRows(6, out, stride);
}
