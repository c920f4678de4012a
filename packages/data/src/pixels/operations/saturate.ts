import { changeInKernels } from '../adjust-kernels.ts';
import { blend, blendBy } from './blend.ts';
import { luma } from './luma.ts';

/** Blends with the grey version of the picture. */
export function saturate(pixels: Uint8Array, factor: number): void {
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.saturate(at, pixels.length, factor),
  );
  if (isDone) return;
  const by = blendBy(factor);
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const grey = luma(r, g, b);
    pixels[i] = blend(by, grey, r);
    pixels[i + 1] = blend(by, grey, g);
    pixels[i + 2] = blend(by, grey, b);
  }
}
