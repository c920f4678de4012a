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
  const sum = new Float32Array(data.length);
  addWeighted(sum, data, weight);
  const copy = { ...image, data: new Uint8Array(data.length) };
  for (const chain of chains) {
    copy.data.set(data);
    adjust(copy, chain.adjustments);
    addWeighted(sum, copy.data, chain.weight);
  }
  data.set(sum);
}

/** Product and sum are each rounded to single precision. */
function addWeighted(sum: Float32Array, pixels: Uint8Array, weight: number): void {
  const { fround } = Math;
  const single = fround(weight);
  for (let i = 0; i < sum.length; i++) sum[i] = fround(sum[i]! + fround(single * pixels[i]!));
}
