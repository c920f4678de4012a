import { blend16 } from './lanes';

/**
 * Blends `source` with its smoothed version (Pillow's SMOOTH: 5 for the pixel, 1 for each neighbour) into `out`, which contains the
 * same levels at first. The outermost pixels stay as they are.
 */
export function sharpen(source: usize, out: usize, width: i32, height: i32, factor: f32): void {
  const row = <usize>width * 3;
  const factors = f32x4.splat(factor);
  for (let y = 1; y < height - 1; y++) {
    const start = row * y;
    const end = start + row - 3;
    for (let i = start + 3; i < end; i += 16) {
      const at = source + i;
      const middle = v128.load(at);
      v128.store(out + i, blend16(smoothed16(at, row, middle), middle, factors));
    }
    // The last vector ran over the end of the row.
    v128.store(out + end, v128.load(source + end));
  }
}

// @ts-ignore: decorator
@inline
function smoothed16(at: usize, row: usize, middle: v128): v128 {
  const a = v128.load(at - row - 3);
  const b = v128.load(at - row);
  const c = v128.load(at - row + 3);
  const d = v128.load(at - 3);
  const e = v128.load(at + 3);
  const f = v128.load(at + row - 3);
  const g = v128.load(at + row);
  const h = v128.load(at + row + 3);
  const five = i16x8.splat(5);
  const low = i16x8.add(
    i16x8.add(
      i16x8.add(
        i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b)),
        i16x8.add(i16x8.extend_low_i8x16_u(c), i16x8.extend_low_i8x16_u(d)),
      ),
      i16x8.add(
        i16x8.add(i16x8.extend_low_i8x16_u(e), i16x8.extend_low_i8x16_u(f)),
        i16x8.add(i16x8.extend_low_i8x16_u(g), i16x8.extend_low_i8x16_u(h)),
      ),
    ),
    i16x8.mul(i16x8.extend_low_i8x16_u(middle), five),
  );
  const high = i16x8.add(
    i16x8.add(
      i16x8.add(
        i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b)),
        i16x8.add(i16x8.extend_high_i8x16_u(c), i16x8.extend_high_i8x16_u(d)),
      ),
      i16x8.add(
        i16x8.add(i16x8.extend_high_i8x16_u(e), i16x8.extend_high_i8x16_u(f)),
        i16x8.add(i16x8.extend_high_i8x16_u(g), i16x8.extend_high_i8x16_u(h)),
      ),
    ),
    i16x8.mul(i16x8.extend_high_i8x16_u(middle), five),
  );
  return i8x16.narrow_i16x8_u(thirteenth(low), thirteenth(high));
}

/**
 * A thirteenth of each sum of 0..3315, rounded. The product of 15 fractional bits is exact enough around 0 only, so the sums are
 * moved there: 2521 / 2 ** 15 is too large by 1.2e-5, which is 0.02 at 1664, and a thirteenth is never within 0.038 of a half.
 */
// @ts-ignore: decorator
@inline
function thirteenth(sums: v128): v128 {
  return i16x8.add(
    i16x8.q15mulr_sat_s(i16x8.sub(sums, i16x8.splat(1664)), i16x8.splat(2521)),
    i16x8.splat(128),
  );
}
