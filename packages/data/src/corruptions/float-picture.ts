import type { RgbImage } from '../pixels/rgb-image.ts';

/** Values of a picture with several channels, row by row. */
export interface FloatPicture {
  width: number;
  height: number;
  channels: number;
  values: Float64Array;
}

/** The levels as fractions, 0..1. */
export function fractionsOf({ width, height, data }: RgbImage): FloatPicture {
  const values = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) values[i] = data[i]! / 255;
  return { width, height, channels: 3, values };
}

/** Writes fractions as levels: limited to 0..1, then truncated, as the pixels of ImageNet-C are. */
export function writeFractions(values: Float64Array, data: Uint8Array): void {
  for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(values[i]!, 0), 1) * 255;
}
