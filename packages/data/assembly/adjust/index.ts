// Changes of the levels of a picture, 16 at a time where lanes allow it. The caller lays out the memory, with room for loads and
// stores of 48 bytes that run over the end of each part. The TypeScript loops in src/pixels/operations compute the same levels.
//
// Compiled by scripts/compile-assembly.mjs to src/pixels/adjust-kernels-wasm.ts.
export { blendAll, invertFrom, keepBits, mapChannels } from './levels';
export { countLevels, extremes } from './histogram';
export { saturate, sumLuma, toGrayscale } from './luma';
export { turnHue } from './hue';
export { sharpen } from './sharpen';
export { boxBlur } from './box-blur';
export { mapBilinear, mapNearest } from './affine';
export { mixPictures } from './mixture';

/** Makes room for so many bytes; gives their address, a multiple of 16. Everything before is lost. */
export function reserve(bytes: i32): usize {
  const start = (__heap_base + 15) & ~15;
  const missing = <isize>(start + bytes) - (<isize>memory.size() << 16);
  if (missing > 0 && memory.grow(<i32>((missing + 65535) >> 16)) < 0) unreachable();
  return start;
}
