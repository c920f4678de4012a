import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';

/** Images with more pixels are refused: a small file can claim to be enormous. */
const MAX_PIXELS = 100_000_000;

/**
 * Decodes a JPEG, PNG or WebP file to 8-bit sRGB, turned upright by its EXIF orientation; an alpha channel is dropped. Runs in
 * libvips' threads.
 *
 * @throws FixresDataError `corrupt-image` for anything that is not a whole image
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'warning', limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new FixresDataError('corrupt-image', `Image ${name} cannot be decoded: ${reason}`, { cause });
  }
}
