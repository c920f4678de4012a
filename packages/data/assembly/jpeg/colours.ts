/**
 * From samples to red, green and blue as libjpeg computes them: colour differences are enlarged by a triangle filter ("fancy
 * upsampling"), then converted by the equations of JFIF with 16 bits of fraction.
 */

/** 16 pixels whose colour differences, -128..127, lie in two halves. */
// @ts-ignore: decorator
@inline
function storePixels(y: v128, blueLow: v128, blueHigh: v128, redLow: v128, redHigh: v128, out: usize): void {
  const yLow = i16x8.extend_low_i8x16_u(y);
  const yHigh = i16x8.extend_high_i8x16_u(y);
  const red = i8x16.narrow_i16x8_u(redOf(yLow, redLow), redOf(yHigh, redHigh));
  const green = i8x16.narrow_i16x8_u(greenOf(yLow, blueLow, redLow), greenOf(yHigh, blueHigh, redHigh));
  const blue = i8x16.narrow_i16x8_u(blueOf(yLow, blueLow), blueOf(yHigh, blueHigh));
  storeInterleaved(red, green, blue, out);
}

// @ts-ignore: decorator
@inline
export function storeInterleaved(red: v128, green: v128, blue: v128, out: usize): void {
  const first = v128.shuffle<i8>(red, green, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  v128.store(out, v128.shuffle<i8>(first, blue, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  const second = v128.shuffle<i8>(red, green, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  v128.store(out, v128.shuffle<i8>(second, blue, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
  const third = v128.shuffle<i8>(red, green, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  v128.store(out, v128.shuffle<i8>(third, blue, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
}

/** (a * x + b * z + 1/2) in units of 2^-16, rounded down. */
// @ts-ignore: decorator
@inline
function scaled(x: v128, a: i16, z: v128, b: i16): v128 {
  const factors = i16x8(a, b, a, b, a, b, a, b);
  const half = i32x4.splat(32768);
  const lowHalf = i32x4.add(i32x4.dot_i16x8_s(v128.shuffle<i16>(x, z, 0, 8, 1, 9, 2, 10, 3, 11), factors), half);
  const highHalf = i32x4.add(i32x4.dot_i16x8_s(v128.shuffle<i16>(x, z, 4, 12, 5, 13, 6, 14, 7, 15), factors), half);
  return i16x8.narrow_i32x4_s(i32x4.shr_s(lowHalf, 16), i32x4.shr_s(highHalf, 16));
}

/** 1.402 = 1 + 26345 / 65536 */
// @ts-ignore: decorator
@inline
function redOf(y: v128, red: v128): v128 {
  return i16x8.add(i16x8.add(y, red), scaled(red, 26345, red, 0));
}

/** -0.34414 = -22554 / 65536; -0.71414 = -1 + 18734 / 65536 */
// @ts-ignore: decorator
@inline
function greenOf(y: v128, blue: v128, red: v128): v128 {
  return i16x8.add(i16x8.sub(y, red), scaled(blue, -22554, red, 18734));
}

/** 1.772 = 2 - 14942 / 65536 */
// @ts-ignore: decorator
@inline
function blueOf(y: v128, blue: v128): v128 {
  return i16x8.add(i16x8.add(y, i16x8.shl(blue, 1)), scaled(blue, -14942, blue, 0));
}

// @ts-ignore: decorator
@inline
function centred(samples: v128): v128 {
  return i16x8.sub(samples, i16x8.splat(128));
}

/** A row without colour; `count` is rounded up to 16. */
export function greyRow(y: usize, out: usize, count: i32): void {
  for (let x = 0; x < count; x += 16, out += 48) {
    const level = v128.load(y + x);
    storeInterleaved(level, level, level, out);
  }
}

/** A row of 4:4:4. */
export function fullRow(y: usize, blue: usize, red: usize, out: usize, count: i32): void {
  for (let x = 0; x < count; x += 16, out += 48) {
    const b = v128.load(blue + x);
    const r = v128.load(red + x);
    storePixels(
      v128.load(y + x),
      centred(i16x8.extend_low_i8x16_u(b)),
      centred(i16x8.extend_high_i8x16_u(b)),
      centred(i16x8.extend_low_i8x16_u(r)),
      centred(i16x8.extend_high_i8x16_u(r)),
      out,
    );
  }
}

/** A row whose colour is half as wide. The samples left and right of those that are used must be there. */
export function halfRow(y: usize, blue: usize, red: usize, out: usize, count: i32): void {
  for (let x = 0; x < count; x += 16, out += 48, blue += 8, red += 8) {
    const blueEven = wider(blue, -1, 1);
    const blueOdd = wider(blue, 1, 2);
    const redEven = wider(red, -1, 1);
    const redOdd = wider(red, 1, 2);
    storeMixed(y + x, blueEven, blueOdd, redEven, redOdd, out);
  }
}

/** Three parts of a sample and one of its neighbour. */
// @ts-ignore: decorator
@inline
function wider(samples: usize, neighbour: isize, rounding: i16): v128 {
  const near = v128.load8x8_u(samples);
  const far = v128.load8x8_u(samples + neighbour);
  return i16x8.shr_u(i16x8.add(i16x8.add(i16x8.add(i16x8.shl(near, 1), near), far), i16x8.splat(rounding)), 2);
}

/** A row whose colour is half as wide and half as high: of the nearer row and the other neighbour. */
export function quarterRow(y: usize, blue: usize, blueOther: usize, red: usize, redOther: usize, out: usize, count: i32): void {
  for (let x = 0; x < count; x += 16, out += 48, blue += 8, blueOther += 8, red += 8, redOther += 8) {
    const b = column(blue, blueOther);
    const r = column(red, redOther);
    storeMixed(
      y + x,
      mixed(b, column(blue - 1, blueOther - 1), 8),
      mixed(b, column(blue + 1, blueOther + 1), 7),
      mixed(r, column(red - 1, redOther - 1), 8),
      mixed(r, column(red + 1, redOther + 1), 7),
      out,
    );
  }
}

/** Three parts of one row and one of the other. */
// @ts-ignore: decorator
@inline
function column(near: usize, far: usize): v128 {
  const samples = v128.load8x8_u(near);
  return i16x8.add(i16x8.add(i16x8.shl(samples, 1), samples), v128.load8x8_u(far));
}

// @ts-ignore: decorator
@inline
function mixed(near: v128, far: v128, rounding: i16): v128 {
  return i16x8.shr_u(i16x8.add(i16x8.add(i16x8.add(i16x8.shl(near, 1), near), far), i16x8.splat(rounding)), 4);
}

// @ts-ignore: decorator
@inline
function storeMixed(y: usize, blueEven: v128, blueOdd: v128, redEven: v128, redOdd: v128, out: usize): void {
  storePixels(
    v128.load(y),
    centred(v128.shuffle<i16>(blueEven, blueOdd, 0, 8, 1, 9, 2, 10, 3, 11)),
    centred(v128.shuffle<i16>(blueEven, blueOdd, 4, 12, 5, 13, 6, 14, 7, 15)),
    centred(v128.shuffle<i16>(redEven, redOdd, 0, 8, 1, 9, 2, 10, 3, 11)),
    centred(v128.shuffle<i16>(redEven, redOdd, 4, 12, 5, 13, 6, 14, 7, 15)),
    out,
  );
}
