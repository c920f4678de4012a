import { createHash } from 'node:crypto';
import type { RgbImage } from '../../pixels/rgb-image.ts';

/** Hex SHA-256 of an image's size and pixels: equal for equal pictures in any format. */
export function pixelDigest({ width, height, data }: RgbImage): string {
  return createHash('sha256').update(`${width}x${height}:`).update(data).digest('hex');
}
