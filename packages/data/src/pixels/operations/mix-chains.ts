import { changeInKernels, roomFor } from '../adjust-kernels.ts';
import type { PixelAdjustment } from '../pixel-adjustment.ts';
import type { RgbImage } from '../rgb-image.ts';

type Mixture = PixelAdjustment & { op: 'mixture' };

/**
 * Replaces a picture by the weighted sum of itself and of changed copies, like torchvision's
 * `AugMix`: summed in single precision, then truncated.
 *
 * @param adjust applies the adjustments of a chain to a copy, in place
 */
export function mixChains(
  image: RgbImage,
  { weight, chains }: Mixture,
  adjust: (image: RgbImage, adjustments: readonly PixelAdjustment[]) => void,
): void {
  const { data } = image;
  const copies = chains.map(({ adjustments }) => {
    const copy = { ...image, data: data.slice() };
    adjust(copy, adjustments);
    return copy.data;
  });
  const weights = Float32Array.from([weight, ...chains.map((chain) => chain.weight)]);
  if (mixInKernel(data, copies, weights)) return;
  const sum = new Float32Array(data.length);
  [data, ...copies].forEach((pixels, i) => addWeighted(sum, pixels, weights[i]!));
  data.set(sum);
}

function mixInKernel(
  data: Uint8Array,
  copies: readonly Uint8Array[],
  weights: Float32Array,
): boolean {
  const { length } = data;
  const room = roomFor(length);
  return changeInKernels(
    data,
    copies.length * room + weights.byteLength,
    ({ kernels, pixels, work, bytes }) => {
      copies.forEach((copy, i) => bytes(work + i * room, length).set(copy));
      const at = work + copies.length * room;
      bytes(at, weights.byteLength).set(new Uint8Array(weights.buffer));
      kernels.mixPictures(pixels, room, at, weights.length, pixels, length);
    },
  );
}

/** Product and sum are each rounded to single precision. */
function addWeighted(sum: Float32Array, pixels: Uint8Array, weight: number): void {
  const { fround } = Math;
  for (let i = 0; i < sum.length; i++) sum[i] = fround(sum[i]! + fround(weight * pixels[i]!));
}
