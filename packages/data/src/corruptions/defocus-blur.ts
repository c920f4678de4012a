import { paddedIndex } from '../geometry/padded-index.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';
import { gaussianFilter } from './gaussian-filter.ts';

export interface DefocusSettings {
  /** Of the disk, in pixels. */
  radius: number;
  /** Standard deviation of the blur that smooths the disk's edge, in pixels. */
  aliasBlur: number;
}

/** The blur of a lens out of focus: the mean of a disk. */
export function defocusBlur(image: RgbImage, settings: DefocusSettings): void {
  const { width, height, data } = image;
  const { half, weights } = diskKernel(settings);
  const side = 2 * half + 1;
  const { values } = fractionsOf(image);
  const length = width * 3;
  const padded = (length + 6 * half) | 0;
  const sums = new Float64Array(values.length);
  const row = new Float64Array(padded);
  // Each source row, once reflected at its ends, adds to all rows that the disk reaches.
  for (let source = -half; source < height + half; source++) {
    const start = paddedIndex(source, height, 'reflect') * length;
    for (let x = -half; x < width + half; x++) {
      const from = start + paddedIndex(x, width, 'reflect') * 3;
      for (let c = 0; c < 3; c++) row[(x + half) * 3 + c] = values[from + c]!;
    }
    for (let dy = 0; dy < side; dy++) {
      const y = source - dy + half;
      if (y < 0 || y >= height) continue;
      for (let dx = 0; dx < side; dx++) {
        const weight = weights[dy * side + dx]!;
        if (weight === 0) continue;
        const [to, from] = [y * length, dx * 3];
        for (let i = 0; i < length; i++) sums[to + i]! += weight * row[from + i]!;
      }
    }
  }
  writeFractions(sums, data);
}

/** Side 2 x half + 1, and its weights, row by row. */
function diskKernel({ radius, aliasBlur }: DefocusSettings): {
  half: number;
  weights: Float64Array;
} {
  const isLarge = radius > 8;
  const half = isLarge ? Math.ceil(radius) : 8;
  const side = 2 * half + 1;
  const inside = Float64Array.from({ length: side ** 2 }, (_, i) => {
    const [x, y] = [(i % side) - half, Math.floor(i / side) - half];
    return x ** 2 + y ** 2 <= radius ** 2 ? 1 : 0;
  });
  const area = inside.reduce((sum, one) => sum + one, 0);
  const { values } = gaussianFilter(
    { width: side, height: side, channels: 1, values: inside.map((one) => one / area) },
    // OpenCV's kernels of 3 and of 5 pixels.
    { sigma: aliasBlur, truncate: (isLarge ? 2 : 1) / aliasBlur, mode: 'reflect' },
  );
  return { half, weights: values };
}
