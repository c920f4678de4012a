import { paddedIndex } from '../../geometry/padded-index.ts';
import { roundHalfEven } from '../../geometry/round-half-even.ts';
import type { RgbImage } from '../rgb-image.ts';

/**
 * Convolves with a Gaussian kernel, like torchvision's `gaussian_blur`: the picture is reflected at
 * its edges, and levels are rounded. Computed along each axis in double precision, so a level can
 * differ by 1 from torchvision's, which sums a square kernel in single precision.
 */
export function gaussianBlur(
  { width, height, data }: RgbImage,
  { kernelSize, sigma }: { kernelSize: number; sigma: number },
): void {
  const half = (kernelSize - 1) / 2;
  const densities = Float64Array.from({ length: kernelSize }, (_, i) =>
    Math.exp(-0.5 * ((i - half) / sigma) ** 2),
  );
  const sum = densities.reduce((total, density) => total + density, 0);
  const kernel = densities.map((density) => density / sum);
  const rows = new Float64Array(data.length);
  const line = new Float64Array(Math.max(width, height) + 2 * half);
  const columns = reflected(width, half);
  for (let start = 0; start < data.length; start += width * 3) {
    for (let channel = 0; channel < 3; channel++) {
      for (let i = 0; i < columns.length; i++) line[i] = data[start + columns[i]! * 3 + channel]!;
      for (let x = 0; x < width; x++) rows[start + x * 3 + channel] = convolved(line, x, kernel);
    }
  }
  const places = reflected(height, half);
  for (let column = 0; column < width * 3; column++) {
    for (let i = 0; i < places.length; i++) line[i] = rows[places[i]! * width * 3 + column]!;
    for (let y = 0; y < height; y++)
      data[y * width * 3 + column] = roundHalfEven(convolved(line, y, kernel));
  }
}

/** The pixels of a line with `half` further ones at each end. */
function reflected(length: number, half: number): Int32Array {
  return Int32Array.from({ length: length + 2 * half }, (_, i) =>
    paddedIndex(i - half, length, 'reflect'),
  );
}

function convolved(line: Float64Array, start: number, kernel: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < kernel.length; k++) sum += line[start + k]! * kernel[k]!;
  return sum;
}
