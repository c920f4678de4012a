/**
 * Counts the levels of each channel: three tables of 256 numbers of 32 bits, which must be 0. `other` is as large and also 0: every
 * second pixel is counted there and added at the end, so that equal neighbours need not wait for each other.
 */
export function countLevels(pixels: usize, length: i32, counts: usize, other: usize): void {
  const end = pixels + length;
  const lastPair = end - 5;
  for (; pixels < lastPair; pixels += 6) {
    count(counts, pixels);
    count(other, pixels + 3);
  }
  if (pixels < end) count(counts, pixels);
  for (let i: usize = 0; i < 3072; i += 16) v128.store(counts + i, i32x4.add(v128.load(counts + i), v128.load(other + i)));
}

// @ts-ignore: decorator
@inline
function count(counts: usize, pixel: usize): void {
  const red = counts + (<usize>load<u8>(pixel) << 2);
  store<u32>(red, load<u32>(red) + 1);
  const green = counts + (<usize>load<u8>(pixel, 1) << 2);
  store<u32>(green, load<u32>(green, 1024) + 1, 1024);
  const blue = counts + (<usize>load<u8>(pixel, 2) << 2);
  store<u32>(blue, load<u32>(blue, 2048) + 1, 2048);
}

/** Writes the lowest and the highest level of red, green and blue: six bytes. */
export function extremes(pixels: usize, length: i32, out: usize): void {
  const end = pixels + length;
  store<u16>(out, 0x00ff);
  store<u16>(out, 0x00ff, 2);
  store<u16>(out, 0x00ff, 4);
  // A period of three vectors has every channel at fixed places.
  const lastWhole = end - 47;
  if (pixels < lastWhole) {
    let lowA = v128.load(pixels);
    let lowB = v128.load(pixels, 16);
    let lowC = v128.load(pixels, 32);
    let highA = lowA;
    let highB = lowB;
    let highC = lowC;
    for (pixels += 48; pixels < lastWhole; pixels += 48) {
      const a = v128.load(pixels);
      const b = v128.load(pixels, 16);
      const c = v128.load(pixels, 32);
      lowA = i8x16.min_u(lowA, a);
      lowB = i8x16.min_u(lowB, b);
      lowC = i8x16.min_u(lowC, c);
      highA = i8x16.max_u(highA, a);
      highB = i8x16.max_u(highB, b);
      highC = i8x16.max_u(highC, c);
    }
    const lanes = out + 16;
    v128.store(lanes, lowA);
    v128.store(lanes, lowB, 16);
    v128.store(lanes, lowC, 32);
    v128.store(lanes, highA, 48);
    v128.store(lanes, highB, 64);
    v128.store(lanes, highC, 80);
    for (let i: usize = 0; i < 96; i += 3) widen(lanes + i, out);
  }
  for (; pixels < end; pixels += 3) widen(pixels, out);
}

function widen(pixel: usize, out: usize): void {
  for (let channel: usize = 0; channel < 3; channel++) {
    const level = load<u8>(pixel + channel);
    const at = out + 2 * channel;
    if (level < load<u8>(at)) store<u8>(at, level);
    if (level > load<u8>(at, 1)) store<u8>(at, level, 1);
  }
}
