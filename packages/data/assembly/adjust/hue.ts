/** Converts to PIL's 8-bit HSV, adds `turn` to the byte of the hue, and converts back; src/pixels/operations/turn-hue.ts explains it. */
export function turnHue(pixels: usize, length: i32, turn: i32): void {
  for (const end = pixels + length; pixels < end; pixels += 3) {
    const r = <i32>load<u8>(pixels);
    const g = <i32>load<u8>(pixels, 1);
    const b = <i32>load<u8>(pixels, 2);
    const value = max(r, max(g, b));
    const least = min(r, min(g, b));
    if (value === least) continue;
    const range = <f32>(value - least);
    const saturation = <i32>(<f64>(range / <f32>value) * 255);
    if (saturation === 0) {
      write(pixels, value, value, value);
      continue;
    }
    const red = <f64>(<f32>(value - r) / range);
    const green = <f64>(<f32>(value - g) / range);
    const blue = <f64>(<f32>(value - b) / range);
    const sixth = <f64>(<f32>(r === value ? blue - green : g === value ? 2 + red - blue : 4 + green - red));
    const circle = sixth / 6 + 1;
    const hue = <i32>(<f64>(<f32>(circle >= 1 ? circle - 1 : circle)) * 255);
    writeHsv(pixels, (hue + turn) & 255, saturation, value);
  }
}

// @ts-ignore: decorator
@inline
function writeHsv(pixel: usize, hue: i32, saturation: i32, value: i32): void {
  const sixth = <f64>(hue * 6) / 255;
  const sector = <i32>sixth;
  const rest = <f64>(<f32>(sixth - <f64>sector));
  const s = <f64>(<f32>saturation / 255);
  const v = <f64>value;
  const low = rounded(v * (1 - s));
  const falling = rounded(v * (1 - <f64>(<f32>(s * rest))));
  const rising = rounded(v * (1 - s * (1 - rest)));
  switch (sector) {
    case 1:
      write(pixel, falling, value, low);
      break;
    case 2:
      write(pixel, low, value, rising);
      break;
    case 3:
      write(pixel, low, falling, value);
      break;
    case 4:
      write(pixel, rising, low, value);
      break;
    case 5:
      write(pixel, value, low, falling);
      break;
    default:
      // The sixth sector of a hue of 255 is the first one again.
      write(pixel, value, rising, low);
  }
}

// @ts-ignore: decorator
@inline
function rounded(level: f64): i32 {
  return <i32>(level + 0.5);
}

// @ts-ignore: decorator
@inline
function write(pixel: usize, r: i32, g: i32, b: i32): void {
  store<u8>(pixel, <u8>r);
  store<u8>(pixel, <u8>g, 1);
  store<u8>(pixel, <u8>b, 2);
}
