import type { RgbImage } from '../pixels/rgb-image.ts';
import { fractionsOf, writeFractions } from './float-picture.ts';

/** Adds to the value of HSV, the largest channel; hue and saturation stay. @param amount 0..1 */
export function brighten({ data }: RgbImage, amount: number): void {
  for (let i = 0; i < data.length; i += 3) {
    const value = Math.max(data[i]!, data[i + 1]!, data[i + 2]!) / 255;
    const lighter = Math.min(value + amount, 1);
    for (let c = i; c < i + 3; c++)
      data[c] = value === 0 ? lighter * 255 : Math.min(data[c]! * (lighter / value), 255);
  }
}

/** Moves each channel towards its mean. @param factor the part of the contrast that is left, 0..1 */
export function reduceContrast(image: RgbImage, factor: number): void {
  const { values } = fractionsOf(image);
  const means = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let i = channel; i < values.length; i += 3) sum += values[i]!;
    return sum / (values.length / 3);
  });
  for (const [channel, mean] of means.entries()) {
    for (let i = channel; i < values.length; i += 3)
      values[i] = (values[i]! - mean) * factor + mean;
  }
  writeFractions(values, image.data);
}
