import sharp, { type SharpOptions } from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { Size } from '../geometry/view.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';

/** Images with more pixels are refused: a small file can claim to be enormous. */
const MAX_PIXELS = 100_000_000;

export const inputOptions: SharpOptions = { failOn: 'warning', limitInputPixels: MAX_PIXELS };

/**
 * Decodes a JPEG, PNG or WebP file to 8-bit sRGB, turned upright by its EXIF orientation; an alpha channel is dropped. Runs in
 * libvips' threads.
 *
 * @param shrunk size to decode at, a half, quarter or eighth of a JPEG file's; by default the full size
 * @throws FixresDataError `corrupt-image` for anything that is not a whole image
 */
export async function decodeImage(bytes: Uint8Array, name: string, shrunk?: Size): Promise<RgbImage> {
  try {
    const input = sharp(bytes, inputOptions).autoOrient();
    const sized = shrunk ? input.resize({ ...shrunk, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: true }) : input;
    const { data, info } = await sized
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    throw corruptImage(name, cause);
  }
}

export function corruptImage(name: string, cause: unknown): FixresDataError {
  const reason = (cause as Error).message.split('\n')[0];
  return new FixresDataError('corrupt-image', `Image ${name} cannot be decoded: ${reason}`, { cause });
}
