import { changeInKernels } from '../adjust-kernels.ts';
import { blendTable } from './blend.ts';
import { invertTable, mapLevels, posterizeTable, solarizeTable } from './level-tables.ts';
import { meanLuma } from './luma.ts';

/** Blends with black. */
export function brighten(pixels: Uint8Array, factor: number): void {
  blendWith(pixels, 0, factor);
}

/** Blends with the picture's mean grey. */
export function changeContrast(pixels: Uint8Array, factor: number): void {
  blendWith(pixels, meanLuma(pixels), factor);
}

function blendWith(pixels: Uint8Array, level: number, factor: number): void {
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.blendAll(at, pixels.length, level, factor),
  );
  if (!isDone) mapLevels(pixels, blendTable(level, factor));
}

/** @param bits number of the highest bits to keep, 0..8 */
export function posterize(pixels: Uint8Array, bits: number): void {
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.keepBits(at, pixels.length, 256 - 2 ** (8 - bits)),
  );
  if (!isDone) mapLevels(pixels, posterizeTable(bits));
}

/** Inverts levels from the threshold up. */
export function solarize(pixels: Uint8Array, threshold: number): void {
  const first = Math.max(Math.ceil(threshold), 0);
  if (first > 255) return;
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.invertFrom(at, pixels.length, first),
  );
  if (!isDone) mapLevels(pixels, solarizeTable(first));
}

export function invert(pixels: Uint8Array): void {
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.invertFrom(at, pixels.length, 0),
  );
  if (!isDone) mapLevels(pixels, invertTable());
}
