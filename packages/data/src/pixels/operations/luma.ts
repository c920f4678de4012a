import { changeInKernels, readInKernels } from '../adjust-kernels.ts';

/** ITU-R 601-2 luma in 16-bit fixed point, as Pillow converts to greyscale. */
export function luma(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

/** The mean luma of a picture, rounded. */
export function meanLuma(pixels: Uint8Array): number {
  const sum =
    readInKernels(pixels, 0, ({ kernels, pixels: at }) => kernels.sumLuma(at, pixels.length)) ??
    sumLuma(pixels);
  return Math.floor(sum / (pixels.length / 3) + 0.5);
}

function sumLuma(pixels: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3)
    sum += luma(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
  return sum;
}

/** Sets all channels to the luma. */
export function toGrayscale(pixels: Uint8Array): void {
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.toGrayscale(at, pixels.length),
  );
  if (isDone) return;
  for (let i = 0; i < pixels.length; i += 3) {
    const level = luma(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
    pixels[i] = level;
    pixels[i + 1] = level;
    pixels[i + 2] = level;
  }
}
