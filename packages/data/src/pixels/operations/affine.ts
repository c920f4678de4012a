import {
  type AffineMatrix,
  rotation,
  shearX,
  shearY,
  translation,
} from '../../geometry/affine-matrix.ts';
import type { Rgb, Size } from '../../geometry/view.ts';
import { type AdjustSpace, changeInKernels } from '../adjust-kernels.ts';
import type { AffineAdjustment } from '../pixel-adjustment.ts';
import type { RgbImage } from '../rgb-image.ts';
import { copyOf } from './scratch-copy.ts';

/** Changes the picture in place, bit-exactly like Pillow's `rotate` and `transform`. */
export function mapAffine(image: RgbImage, adjustment: AffineAdjustment): void {
  const { interpolation, fill } = adjustment;
  const matrix = matrixOf(adjustment, image);
  if (interpolation === 'bilinear') mapBilinear(image, matrix, fill);
  else mapNearest(image, matrix, fill);
}

/** Calls a kernel that reads a copy of the picture; false without WebAssembly. */
function mapInKernel(
  { data }: RgbImage,
  run: (space: AdjustSpace & { source: number }) => void,
): boolean {
  return changeInKernels(data, data.length, (space) => {
    space.bytes(space.work, data.length).set(data);
    run({ ...space, source: space.work });
  });
}

/** Levels as the kernels take them: red in the lowest byte. */
function packed(fill: Rgb): number {
  const [red, green, blue] = Uint8Array.from(fill);
  return red! | (green! << 8) | (blue! << 16);
}

function matrixOf({ op, amount }: AffineAdjustment, size: Size): AffineMatrix {
  switch (op) {
    case 'shearX':
      return shearX(amount);
    case 'shearY':
      return shearY(amount);
    case 'translateX':
      return translation(amount, 0);
    case 'translateY':
      return translation(0, amount);
    case 'rotate':
      return rotation(amount, size);
  }
}

/** A number in 16.16 fixed point, as Pillow rounds it. */
const fixed = (value: number): number => Math.floor(value * 65_536 + 0.5);

/** Places are in 16.16 fixed point, added up along a row and along the rows. */
function mapNearest(image: RgbImage, [a, b, c, d, e, f]: AffineMatrix, fill: Rgb): void {
  const { width, height, data } = image;
  const [stepX, stepY] = [fixed(a), fixed(d)];
  const [rowX, rowY] = [fixed(b), fixed(e)];
  let startX = fixed(c + a * 0.5 + b * 0.5);
  let startY = fixed(f + d * 0.5 + e * 0.5);
  if (stepX === fixed(1) && stepY === 0) {
    // Whole rows move: translations and horizontal shears.
    const source = copyOf(data);
    for (let y = 0; y < height; y++) {
      copyRow(source, { from: startY >> 16, by: startX >> 16, to: y }, image, fill);
      startX += rowX;
      startY += rowY;
    }
    return;
  }
  const isDone = mapInKernel(image, ({ kernels, source, pixels }) =>
    kernels.mapNearest(
      source,
      pixels,
      width,
      height,
      startX,
      startY,
      stepX,
      stepY,
      rowX,
      rowY,
      packed(fill),
    ),
  );
  if (isDone) return;
  const source = copyOf(data);
  const [red, green, blue] = fill;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let placeX = startX;
    let placeY = startY;
    for (let x = 0; x < width; x++) {
      const column = placeX >> 16;
      const row = placeY >> 16;
      if (column >= 0 && column < width && row >= 0 && row < height) {
        const from = (row * width + column) * 3;
        data[to] = source[from]!;
        data[to + 1] = source[from + 1]!;
        data[to + 2] = source[from + 2]!;
      } else {
        data[to] = red;
        data[to + 1] = green;
        data[to + 2] = blue;
      }
      to += 3;
      placeX += stepX;
      placeY += stepY;
    }
    startX += rowX;
    startY += rowY;
  }
}

/** Copies row `from` of the source to row `to`, `by` pixels to the left. */
function copyRow(
  source: Uint8Array,
  { from, by, to }: { from: number; by: number; to: number },
  { width, height, data }: RgbImage,
  fill: Rgb,
): void {
  const row = data.subarray(to * width * 3, (to + 1) * width * 3);
  const start = Math.max(-by, 0);
  const end = Math.min(width - by, width);
  const isShown = from >= 0 && from < height && start < end;
  for (let x = 0; x < width; x++) {
    if (isShown && x === start) x = end;
    if (x < width) row.set(fill, x * 3);
  }
  if (isShown)
    row.set(
      source.subarray((from * width + start + by) * 3, (from * width + end + by) * 3),
      start * 3,
    );
}

/** Levels are truncated, not rounded. Neighbours outside the picture are its outermost pixels. */
function mapBilinear(image: RgbImage, [a, b, c, d, e, f]: AffineMatrix, fill: Rgb): void {
  const { width, height, data } = image;
  const isDone = mapInKernel(image, ({ kernels, source, pixels }) =>
    kernels.mapBilinear(source, pixels, width, height, a, b, c, d, e, f, packed(fill)),
  );
  if (isDone) return;
  const source = copyOf(data);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const placeX = a * (x + 0.5) + b * (y + 0.5) + c;
      const placeY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(placeX >= 0 && placeX < width && placeY >= 0 && placeY < height)) {
        data[to] = fill[0];
        data[to + 1] = fill[1];
        data[to + 2] = fill[2];
        continue;
      }
      const left = Math.floor(placeX - 0.5);
      const top = Math.floor(placeY - 0.5);
      const partX = placeX - 0.5 - left;
      const partY = placeY - 0.5 - top;
      const rowAbove = (top < 0 ? 0 : top) * width;
      const rowBelow = (top + 1 < height ? top + 1 : top) * width;
      const columnLeft = left < 0 ? 0 : left;
      const columnRight = left + 1 < width ? left + 1 : left;
      const aboveLeft = (rowAbove + columnLeft) * 3;
      const aboveRight = (rowAbove + columnRight) * 3;
      const belowLeft = (rowBelow + columnLeft) * 3;
      const belowRight = (rowBelow + columnRight) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const first = source[aboveLeft + channel]!;
        const above = first + (source[aboveRight + channel]! - first) * partX;
        const second = source[belowLeft + channel]!;
        const below = second + (source[belowRight + channel]! - second) * partX;
        // Storing a fraction in an array of bytes takes twice as long.
        data[to + channel] = Math.trunc(above + (below - above) * partY);
      }
    }
  }
}
