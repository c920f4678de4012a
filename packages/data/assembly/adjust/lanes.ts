/** From 4 levels towards 4 others in single precision, truncated. The lanes may leave 0..255. */
// @ts-ignore: decorator
@inline
function blend4(from: v128, to: v128, factors: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(
    f32x4.add(f32x4.convert_i32x4_s(from), f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(to, from)), factors)),
  );
}

/** From 16 levels towards 16 others. */
// @ts-ignore: decorator
@inline
export function blend16(from: v128, to: v128, factors: v128): v128 {
  const fromLow = i16x8.extend_low_i8x16_u(from);
  const fromHigh = i16x8.extend_high_i8x16_u(from);
  const toLow = i16x8.extend_low_i8x16_u(to);
  const toHigh = i16x8.extend_high_i8x16_u(to);
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(
      blend4(i32x4.extend_low_i16x8_u(fromLow), i32x4.extend_low_i16x8_u(toLow), factors),
      blend4(i32x4.extend_high_i16x8_u(fromLow), i32x4.extend_high_i16x8_u(toLow), factors),
    ),
    i16x8.narrow_i32x4_s(
      blend4(i32x4.extend_low_i16x8_u(fromHigh), i32x4.extend_low_i16x8_u(toHigh), factors),
      blend4(i32x4.extend_high_i16x8_u(fromHigh), i32x4.extend_high_i16x8_u(toHigh), factors),
    ),
  );
}
