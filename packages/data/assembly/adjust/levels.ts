import { blend16 } from './lanes';

/** Blends every level with one level. */
export function blendAll(pixels: usize, length: i32, from: i32, factor: f32): void {
  const end = pixels + length;
  const froms = i8x16.splat(<i8>from);
  const factors = f32x4.splat(factor);
  for (; pixels < end; pixels += 16) v128.store(pixels, blend16(froms, v128.load(pixels), factors));
}

/** Inverts levels from the threshold up, 0 to 255. */
export function invertFrom(pixels: usize, length: i32, threshold: i32): void {
  const end = pixels + length;
  const thresholds = i8x16.splat(<i8>threshold);
  for (; pixels < end; pixels += 16) {
    const levels = v128.load(pixels);
    v128.store(pixels, v128.xor(levels, i8x16.ge_u(levels, thresholds)));
  }
}

/** Keeps the bits of a mask in every level. */
export function keepBits(pixels: usize, length: i32, mask: i32): void {
  const end = pixels + length;
  const masks = i8x16.splat(<i8>mask);
  for (; pixels < end; pixels += 16) v128.store(pixels, v128.and(v128.load(pixels), masks));
}

/** Replaces every level by its entry in the table of its channel: three of 256 bytes, one after another. */
export function mapChannels(pixels: usize, length: i32, tables: usize): void {
  const end = pixels + length;
  for (; pixels < end; pixels += 3) {
    store<u8>(pixels, load<u8>(tables + load<u8>(pixels)));
    store<u8>(pixels, load<u8>(tables + load<u8>(pixels, 1), 256), 1);
    store<u8>(pixels, load<u8>(tables + load<u8>(pixels, 2), 512), 2);
  }
}
