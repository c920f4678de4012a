import { blend16 } from './lanes';

/** One channel of 16 pixels in three vectors. */
// @ts-ignore: decorator
@inline
function reds(a: v128, b: v128, c: v128): v128 {
  return i8x16.shuffle(
    i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0),
    c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29,
  );
}

// @ts-ignore: decorator
@inline
function greens(a: v128, b: v128, c: v128): v128 {
  return i8x16.shuffle(
    i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0),
    c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30,
  );
}

// @ts-ignore: decorator
@inline
function blues(a: v128, b: v128, c: v128): v128 {
  return i8x16.shuffle(
    i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0),
    c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31,
  );
}

/** Luma of 4 pixels, ITU-R 601-2 in 16-bit fixed point, from the lower or the upper half of channels of 16 bits. */
// @ts-ignore: decorator
@inline
function lumaLow(r: v128, g: v128, b: v128): v128 {
  return shifted(
    i32x4.extmul_low_i16x8_u(r, i16x8.splat(19595)),
    i32x4.extmul_low_i16x8_u(g, i16x8.splat(<i16>38470)),
    i32x4.extmul_low_i16x8_u(b, i16x8.splat(7471)),
  );
}

// @ts-ignore: decorator
@inline
function lumaHigh(r: v128, g: v128, b: v128): v128 {
  return shifted(
    i32x4.extmul_high_i16x8_u(r, i16x8.splat(19595)),
    i32x4.extmul_high_i16x8_u(g, i16x8.splat(<i16>38470)),
    i32x4.extmul_high_i16x8_u(b, i16x8.splat(7471)),
  );
}

// @ts-ignore: decorator
@inline
function shifted(red: v128, green: v128, blue: v128): v128 {
  return i32x4.shr_u(i32x4.add(i32x4.add(red, green), i32x4.add(blue, i32x4.splat(0x8000))), 16);
}

/** Luma of 16 pixels. */
// @ts-ignore: decorator
@inline
function luma16(r: v128, g: v128, b: v128): v128 {
  const redLow = i16x8.extend_low_i8x16_u(r);
  const greenLow = i16x8.extend_low_i8x16_u(g);
  const blueLow = i16x8.extend_low_i8x16_u(b);
  const redHigh = i16x8.extend_high_i8x16_u(r);
  const greenHigh = i16x8.extend_high_i8x16_u(g);
  const blueHigh = i16x8.extend_high_i8x16_u(b);
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(lumaLow(redLow, greenLow, blueLow), lumaHigh(redLow, greenLow, blueLow)),
    i16x8.narrow_i32x4_s(lumaLow(redHigh, greenHigh, blueHigh), lumaHigh(redHigh, greenHigh, blueHigh)),
  );
}

/** The three vectors in which 16 pixels with these lumas as all channels are stored. */
// @ts-ignore: decorator
@inline
function thriceA(grey: v128): v128 {
  return i8x16.shuffle(grey, grey, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5);
}

// @ts-ignore: decorator
@inline
function thriceB(grey: v128): v128 {
  return i8x16.shuffle(grey, grey, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10);
}

// @ts-ignore: decorator
@inline
function thriceC(grey: v128): v128 {
  return i8x16.shuffle(grey, grey, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15);
}

/** The sum of the lumas of all pixels; at most 2 ** 24 pixels. */
export function sumLuma(pixels: usize, length: i32): f64 {
  const end = pixels + length;
  const lastWhole = end - 47;
  let sums = i32x4.splat(0);
  for (; pixels < lastWhole; pixels += 48) {
    const a = v128.load(pixels);
    const b = v128.load(pixels, 16);
    const c = v128.load(pixels, 32);
    const grey = luma16(reds(a, b, c), greens(a, b, c), blues(a, b, c));
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(grey)));
  }
  let sum =
    <f64>i32x4.extract_lane(sums, 0) +
    <f64>i32x4.extract_lane(sums, 1) +
    <f64>i32x4.extract_lane(sums, 2) +
    <f64>i32x4.extract_lane(sums, 3);
  for (; pixels < end; pixels += 3) {
    const level =
      (<u32>load<u8>(pixels) * 19595 + <u32>load<u8>(pixels, 1) * 38470 + <u32>load<u8>(pixels, 2) * 7471 + 0x8000) >> 16;
    sum += <f64>level;
  }
  return sum;
}

/** Sets all channels to the luma. */
export function toGrayscale(pixels: usize, length: i32): void {
  const end = pixels + length;
  for (; pixels < end; pixels += 48) {
    const a = v128.load(pixels);
    const b = v128.load(pixels, 16);
    const c = v128.load(pixels, 32);
    const grey = luma16(reds(a, b, c), greens(a, b, c), blues(a, b, c));
    v128.store(pixels, thriceA(grey));
    v128.store(pixels, thriceB(grey), 16);
    v128.store(pixels, thriceC(grey), 32);
  }
}

/** Blends every pixel with its luma. */
export function saturate(pixels: usize, length: i32, factor: f32): void {
  const end = pixels + length;
  const factors = f32x4.splat(factor);
  for (; pixels < end; pixels += 48) {
    const a = v128.load(pixels);
    const b = v128.load(pixels, 16);
    const c = v128.load(pixels, 32);
    const grey = luma16(reds(a, b, c), greens(a, b, c), blues(a, b, c));
    v128.store(pixels, blend16(thriceA(grey), a, factors));
    v128.store(pixels, blend16(thriceB(grey), b, factors), 16);
    v128.store(pixels, blend16(thriceC(grey), c, factors), 32);
  }
}
