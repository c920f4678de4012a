/**
 * Three box blurs of each row, then of each column. A box has `whole` pixels on each side of the middle one and a fraction of the
 * next ones; `inner` and `outer` are their weights with 24 fractional bits.
 *
 * @param work room for the picture with `whole` + 1 more rows at the top and the bottom, or for two rows with as many more pixels
 * on each side, whichever is larger
 */
export function boxBlur(
  pixels: usize, work: usize, width: i32, height: i32, whole: i32, inner: i32, outer: i32,
): void {
  const row = <usize>width * 3;
  const border = <usize>(whole + 1) * 3;
  const line = work + border;
  const other = work + ((row + 2 * border + 63) & ~15) + border;
  for (let y = 0; y < height; y++) {
    const at = pixels + row * y;
    memory.copy(line, at, row);
    repeatEnds(line, row, border);
    blurSpan(line, 3, other, row, whole, inner, outer);
    repeatEnds(other, row, border);
    blurSpan(other, 3, line, row, whole, inner, outer);
    repeatEnds(line, row, border);
    blurSpan(line, 3, other, row, whole, inner, outer);
    memory.copy(at, other, row);
  }
  const above = row * (whole + 1);
  const first = work + above;
  const size = row * height;
  for (let pass = 0; pass < 3; pass++) {
    memory.copy(first, pixels, size);
    for (let i = 0; i <= whole; i++) {
      memory.copy(work + row * i, pixels, row);
      memory.copy(first + size + row * i, pixels + size - row, row);
    }
    blurSpan(first, row, pixels, size, whole, inner, outer);
  }
}

/** Repeats the first and the last pixel of a row in its borders. */
function repeatEnds(line: usize, row: usize, border: usize): void {
  const first = load<u16>(line);
  const firstBlue = load<u8>(line, 2);
  const last = load<u16>(line + row - 3);
  const lastBlue = load<u8>(line + row - 1);
  for (let i: usize = 0; i < border; i += 3) {
    store<u16>(line - border + i, first);
    store<u8>(line - border + i, firstBlue, 2);
    store<u16>(line + row + i, last);
    store<u8>(line + row + i, lastBlue, 2);
  }
}

/** One blur of `length` levels, whose neighbours are `step` bytes apart. */
function blurSpan(
  from: usize, step: usize, out: usize, length: usize, whole: i32, inner: i32, outer: i32,
): void {
  const end = from + length;
  const inners = i32x4.splat(inner);
  const outers = i32x4.splat(outer);
  const reach = step * whole;
  for (; from < end; from += 16, out += 16) {
    const middle = v128.load(from);
    let low = i16x8.extend_low_i8x16_u(middle);
    let high = i16x8.extend_high_i8x16_u(middle);
    for (let i = step; i <= reach; i += step) {
      const before = v128.load(from - i);
      const after = v128.load(from + i);
      low = i16x8.add(low, i16x8.add(i16x8.extend_low_i8x16_u(before), i16x8.extend_low_i8x16_u(after)));
      high = i16x8.add(high, i16x8.add(i16x8.extend_high_i8x16_u(before), i16x8.extend_high_i8x16_u(after)));
    }
    const before = v128.load(from - reach - step);
    const after = v128.load(from + reach + step);
    const endLow = i16x8.add(i16x8.extend_low_i8x16_u(before), i16x8.extend_low_i8x16_u(after));
    const endHigh = i16x8.add(i16x8.extend_high_i8x16_u(before), i16x8.extend_high_i8x16_u(after));
    v128.store(
      out,
      i8x16.narrow_i16x8_u(
        i16x8.narrow_i32x4_s(
          scaled(i32x4.extend_low_i16x8_u(low), i32x4.extend_low_i16x8_u(endLow), inners, outers),
          scaled(i32x4.extend_high_i16x8_u(low), i32x4.extend_high_i16x8_u(endLow), inners, outers),
        ),
        i16x8.narrow_i32x4_s(
          scaled(i32x4.extend_low_i16x8_u(high), i32x4.extend_low_i16x8_u(endHigh), inners, outers),
          scaled(i32x4.extend_high_i16x8_u(high), i32x4.extend_high_i16x8_u(endHigh), inners, outers),
        ),
      ),
    );
  }
}

/** The weighted sum without its 24 fractional bits, rounded. It is whole without a sign. */
// @ts-ignore: decorator
@inline
function scaled(sums: v128, ends: v128, inners: v128, outers: v128): v128 {
  return i32x4.shr_u(
    i32x4.add(i32x4.add(i32x4.mul(sums, inners), i32x4.mul(ends, outers)), i32x4.splat(0x800000)),
    24,
  );
}
