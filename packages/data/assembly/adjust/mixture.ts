/**
 * The weighted sum of `count` pictures, `stride` bytes apart, into `out`: product and sum are each rounded to single precision, the
 * result is truncated to its lowest byte.
 */
export function mixPictures(
  pictures: usize, stride: i32, weights: usize, count: i32, out: usize, length: i32,
): void {
  const end = out + length;
  for (; out < end; out += 16, pictures += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let picture = pictures;
    for (let i = 0; i < count; i++, picture += stride) {
      const weight = v128.load32_splat(weights + (<usize>i << 2));
      const levels = v128.load(picture);
      const low = i16x8.extend_low_i8x16_u(levels);
      const high = i16x8.extend_high_i8x16_u(levels);
      a = f32x4.add(a, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low))));
      b = f32x4.add(b, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low))));
      c = f32x4.add(c, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high))));
      d = f32x4.add(d, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high))));
    }
    v128.store(
      out,
      i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(byte(a), byte(b)), i16x8.narrow_i32x4_s(byte(c), byte(d))),
    );
  }
}

// @ts-ignore: decorator
@inline
function byte(sums: v128): v128 {
  return v128.and(i32x4.trunc_sat_f32x4_s(sums), i32x4.splat(255));
}
