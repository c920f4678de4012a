import type { Size } from '../../geometry/view.ts';
import { jpegDecoder } from '../../jpeg/jpeg-decoder.ts';
import { drawPixels } from '../../pixels/draw-pixels.ts';
import { neededPixels } from '../../pixels/needed-pixels.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { Drawing } from '../../policies/policy.ts';
import { exifOrientation } from './exif-orientation.ts';
import type { ImageLimits } from './image-limits.ts';

/**
 * Draws a JPEG file without libvips, whose start takes longer than decoding a small photo, and decodes only
 * the part that is shown. The levels are equal. It runs in the calling thread.
 *
 * @returns false if libvips must decode: other formats, rare kinds of JPEG, damaged, turned and large
 * pictures, lanczos3
 */
export function drawQuickly(
  bytes: Uint8Array,
  draw: (size: Size) => Drawing,
  { maxPixels }: Pick<ImageLimits, 'maxPixels'>,
  out: Uint8Array,
): boolean {
  const size = readUpright(bytes, maxPixels);
  if (!size) return false;
  const drawing = draw(size);
  if (drawing.interpolation === 'lanczos3') return false;
  drawPixels(jpegDecoder()!.draw(neededPixels(drawing)), drawing, out);
  return true;
}

/** Decodes a whole JPEG file; undefined if libvips must decode it, as for {@link drawQuickly}. */
export function decodeQuickly(
  bytes: Uint8Array,
  { maxPixels }: Pick<ImageLimits, 'maxPixels'>,
): RgbImage | undefined {
  const size = readUpright(bytes, maxPixels);
  if (!size) return undefined;
  const image = jpegDecoder()!.draw({ x: 0, y: 0, ...size });
  return { ...image, data: image.data.slice() };
}

function readUpright(bytes: Uint8Array, maxPixels: number): Size | undefined {
  const picture = jpegDecoder()?.read(bytes, maxPixels);
  if (!picture) return undefined;
  const { width, height, exif } = picture;
  const orientation = (exif && exifOrientation(exif)) ?? 1;
  return orientation === 1 ? { width, height } : undefined;
}
