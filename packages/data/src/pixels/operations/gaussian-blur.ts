import { paddedIndex } from '../../geometry/padded-index.ts';
import type { RgbImage } from '../rgb-image.ts';

/**
 * Convolves with a Gaussian kernel, like torchvision's `gaussian_blur`: the picture is reflected at
 * its edges, and levels are rounded. Computed along each axis in turn, so a level can differ by 1
 * from torchvision's, which sums a square kernel.
 */
export function gaussianBlur(
  { width, height, data }: RgbImage,
  { kernelSize, sigma }: { kernelSize: number; sigma: number },
): void {
  const half = (kernelSize - 1) / 2;
  const kernel = gaussian(kernelSize, sigma);
  const row = width * 3;
  const rows = new Float32Array(data.length);
  const line = new Float32Array(row + 6 * half);
  const sums = new Float32Array(row);
  for (let start = 0; start < data.length; start += row) {
    for (let i = -half; i < width + half; i++) {
      const from = start + paddedIndex(i, width, 'reflect') * 3;
      for (let channel = 0; channel < 3; channel++)
        line[(i + half) * 3 + channel] = data[from + channel]!;
    }
    sums.fill(0);
    for (let k = 0; k < kernelSize; k++) addScaled(sums, line, 3 * k, kernel[k]!);
    rows.set(sums, start);
  }
  // Assignment rounds half to even.
  const levels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < kernelSize; k++)
      addScaled(sums, rows, paddedIndex(y + k - half, height, 'reflect') * row, kernel[k]!);
    levels.set(sums, y * row);
  }
}

function gaussian(kernelSize: number, sigma: number): Float64Array {
  const half = (kernelSize - 1) / 2;
  const kernel = Float64Array.from({ length: kernelSize }, (_, i) =>
    Math.exp(-0.5 * ((i - half) / sigma) ** 2),
  );
  const sum = kernel.reduce((total, density) => total + density, 0);
  return kernel.map((density) => density / sum);
}

/** Adds numbers from `start` on, times a factor. */
function addScaled(sums: Float32Array, from: Float32Array, start: number, factor: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += from[start + i]! * factor;
}
