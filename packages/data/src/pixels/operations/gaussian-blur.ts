import { paddedIndex } from '../../geometry/padded-index.ts';
import { type ConvolutionWeights, WEIGHT_BITS } from '../resample/convolution-weights.ts';
import { convolve } from '../resample/resample-convolution.ts';
import type { RgbImage } from '../rgb-image.ts';

/**
 * Convolves with a Gaussian kernel, like torchvision's `gaussian_blur`: the picture is reflected at
 * its edges, and levels are rounded. Levels are also rounded between the two axes, so one can
 * differ by 1 from torchvision's, which sums a square kernel.
 */
export function gaussianBlur(
  image: RgbImage,
  { kernelSize, sigma }: { kernelSize: number; sigma: number },
): void {
  const kernel = fixedKernel(kernelSize, sigma);
  const columns = everywhere(kernel, image.width);
  const rows = everywhere(kernel, image.height);
  const padded = reflected(image, (kernelSize - 1) / 2);
  convolve({ image: padded, columns, rows, heightFirst: false }, image.data);
}

function fixedKernel(kernelSize: number, sigma: number): Int32Array {
  const half = (kernelSize - 1) / 2;
  const densities = Float64Array.from({ length: kernelSize }, (_, i) =>
    Math.exp(-0.5 * ((i - half) / sigma) ** 2),
  );
  const sum = densities.reduce((total, density) => total + density, 0);
  return Int32Array.from(densities, (density) => Math.round((density / sum) * 2 ** WEIGHT_BITS));
}

/** The same weights at each position of an axis. */
function everywhere(kernel: Int32Array, length: number): ConvolutionWeights {
  const taps = kernel.length;
  const weights = new Int32Array(length * taps);
  for (let i = 0; i < length; i++) weights.set(kernel, i * taps);
  return {
    first: Int32Array.from({ length }, (_, i) => i),
    count: new Int32Array(length).fill(taps),
    weights,
    taps,
  };
}

/** The picture with `half` reflected pixels on each side. */
function reflected({ width, height, data }: RgbImage, half: number): RgbImage {
  const row = (width + 2 * half) * 3;
  const padded = new Uint8Array(row * (height + 2 * half));
  for (let y = -half; y < height + half; y++) {
    const source = paddedIndex(y, height, 'reflect') * width * 3;
    const target = (y + half) * row;
    padded.set(data.subarray(source, source + width * 3), target + half * 3);
    for (let i = 1; i <= half; i++) {
      copyPixel(
        data,
        source + paddedIndex(-i, width, 'reflect') * 3,
        padded,
        target + (half - i) * 3,
      );
      copyPixel(
        data,
        source + paddedIndex(width - 1 + i, width, 'reflect') * 3,
        padded,
        target + (half + width - 1 + i) * 3,
      );
    }
  }
  return { width: width + 2 * half, height: height + 2 * half, data: padded };
}

function copyPixel(from: Uint8Array, source: number, to: Uint8Array, target: number): void {
  to[target] = from[source]!;
  to[target + 1] = from[source + 1]!;
  to[target + 2] = from[source + 2]!;
}
