/** Nearest pixels. Places are in 16.16 fixed point, added up along a row and along the rows; `fill` has red in its lowest byte. */
export function mapNearest(
  source: usize, out: usize, width: i32, height: i32,
  startX: i32, startY: i32, stepX: i32, stepY: i32, rowX: i32, rowY: i32, fill: u32,
): void {
  for (let y = 0; y < height; y++) {
    let placeX = startX;
    let placeY = startY;
    for (const end = out + <usize>width * 3; out < end; out += 3) {
      const column = placeX >> 16;
      const row = placeY >> 16;
      // Negative places are large without a sign. A fourth byte is overwritten by the next pixel.
      const isInside = <u32>column < <u32>width && <u32>row < <u32>height;
      store<u32>(out, isInside ? load<u32>(source + <usize>(row * width + column) * 3) : fill);
      placeX += stepX;
      placeY += stepY;
    }
    startX += rowX;
    startY += rowY;
  }
}

/**
 * Linear interpolation of the matrix a, b, c, d, e, f in double precision, truncated. Neighbours outside the picture are its
 * outermost pixels.
 */
export function mapBilinear(
  source: usize, out: usize, width: i32, height: i32,
  a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, fill: u32,
): void {
  const wide = <f64>width;
  const high = <f64>height;
  const stride = <usize>width * 3;
  for (let y = 0; y < height; y++) {
    const rowX = b * (<f64>y + 0.5);
    const rowY = e * (<f64>y + 0.5);
    for (let x = 0; x < width; x++, out += 3) {
      const middle = <f64>x + 0.5;
      const placeX = a * middle + rowX + c;
      const placeY = d * middle + rowY + f;
      if (!(placeX >= 0 && placeX < wide && placeY >= 0 && placeY < high)) {
        store<u32>(out, fill);
        continue;
      }
      const cornerX = placeX - 0.5;
      const cornerY = placeY - 0.5;
      const floorX = Math.floor(cornerX);
      const floorY = Math.floor(cornerY);
      const partX = cornerX - floorX;
      const partY = cornerY - floorY;
      const left = <i32>floorX;
      const top = <i32>floorY;
      const above = source + <usize>max(top, 0) * stride;
      const below = source + <usize>min(top + 1, height - 1) * stride;
      const leftBytes = <usize>max(left, 0) * 3;
      const rightBytes = <usize>min(left + 1, width - 1) * 3;
      const partsX = f64x2.splat(partX);
      const aboveLeft = words(above + leftBytes);
      const aboveRight = words(above + rightBytes);
      const belowLeft = words(below + leftBytes);
      const belowRight = words(below + rightBytes);
      const redGreen = mixed(
        mixed(low(aboveLeft), low(aboveRight), partsX),
        mixed(low(belowLeft), low(belowRight), partsX),
        f64x2.splat(partY),
      );
      // Blue of the row above and of the row below share a vector.
      const blues = mixed(
        blue(aboveLeft, belowLeft),
        blue(aboveRight, belowRight),
        partsX,
      );
      const upper = f64x2.extract_lane(blues, 0);
      const last = upper + (f64x2.extract_lane(blues, 1) - upper) * partY;
      const levels = i32x4.trunc_sat_f64x2_s_zero(redGreen);
      store<u8>(out, <u8>i32x4.extract_lane(levels, 0));
      store<u8>(out, <u8>i32x4.extract_lane(levels, 1), 1);
      store<u8>(out, <u8>(<i32>last), 2);
    }
  }
}

/** A pixel as words of 32 bits. */
// @ts-ignore: decorator
@inline
function words(pixel: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixel)));
}

// @ts-ignore: decorator
@inline
function low(pixel: v128): v128 {
  return f64x2.convert_low_i32x4_s(pixel);
}

// @ts-ignore: decorator
@inline
function blue(above: v128, below: v128): v128 {
  return f64x2.convert_low_i32x4_s(i8x16.shuffle(above, below, 8, 9, 10, 11, 24, 25, 26, 27, 0, 0, 0, 0, 0, 0, 0, 0));
}

// @ts-ignore: decorator
@inline
function mixed(from: v128, to: v128, parts: v128): v128 {
  return f64x2.add(from, f64x2.mul(f64x2.sub(to, from), parts));
}
