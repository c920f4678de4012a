import type { RgbImage } from '../pixels/rgb-image.ts';

/**
 * Shrinks by the mean of boxes, like Pillow's `BOX` (each axis rounded to levels), and enlarges by
 * the nearest pixel.
 *
 * @param factor of both sides, 0..1
 */
export function pixelate(image: RgbImage, factor: number): void {
  const { width, height, data } = image;
  const [columns, rows] = [width, height].map((side) => Math.max(Math.trunc(side * factor), 1));
  const narrow = shrunk(data, {
    lines: height,
    length: width,
    to: columns!,
    step: 3,
    line: width * 3,
  });
  const small = shrunk(narrow, {
    lines: columns!,
    length: height,
    to: rows!,
    step: columns! * 3,
    line: 3,
  });
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * rows!) / height) * columns!;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(((x + 0.5) * columns!) / width)) * 3;
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = small[from + c]!;
    }
  }
}

interface Axis {
  /** Number of lines, and of pixels in each, before and after. */
  lines: number;
  length: number;
  to: number;
  /** From a pixel of a line to the next, and from a line to the next, in levels. */
  step: number;
  line: number;
}

/** Means along one axis. In the result, the distances of pixels and lines are in the same order. */
function shrunk(levels: Uint8Array, { lines, length, to, step, line }: Axis): Uint8Array {
  const out = new Uint8Array(lines * to * 3);
  const scale = length / to;
  const isRow = step === 3;
  for (let i = 0; i < to; i++) {
    // As Pillow: pixels whose centre is inside the box, with equal weights.
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - scale / 2 + 0.5), 0);
    const end = Math.min(Math.trunc(centre + scale / 2 + 0.5), length);
    for (let each = 0; each < lines; each++) {
      const target = isRow ? (each * to + i) * 3 : (i * lines + each) * 3;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = first; k < end; k++) sum += levels[each * line + k * step + c]!;
        out[target + c] = sum / (end - first) + 0.5;
      }
    }
  }
  return out;
}
