import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { RgbImage } from '../pixels/resample-bilinear.ts';
import { imageFormat } from './image-format.ts';
import { defaultImageLimits } from './image-limits.ts';

/**
 * Decodes a JPEG, PNG or WebP file to 8-bit sRGB, turned upright by its EXIF orientation. Grey, palette, CMYK and 16-bit images are
 * converted, an alpha channel is dropped, and of an animation the first frame is taken. Runs in libvips' threads.
 *
 * @param limits `maxPixels`: images with more are refused. Default 2^26.
 * @throws FixresDataError `corrupt-image` for anything that is not a whole image, `image-too-large`
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  { maxPixels = defaultImageLimits.maxPixels }: { maxPixels?: number } = {},
): Promise<RgbImage> {
  // libvips knows many more formats. Those here are what data sets hold; the others' decoders are only a way in for hostile files.
  if (!imageFormat(bytes)) {
    throw new FixresDataError('corrupt-image', `Image ${name} cannot be decoded: it is neither JPEG nor PNG nor WebP.`);
  }
  try {
    const { data, info } = await sharp(bytes, { failOn: 'warning', limitInputPixels: maxPixels })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!;
    if (reason.includes('exceeds pixel limit')) {
      const message = `Image ${name} has more than ${maxPixels} pixels (option "maxPixels"); it is refused.`;
      throw new FixresDataError('image-too-large', message, { cause });
    }
    throw new FixresDataError('corrupt-image', `Image ${name} cannot be decoded: ${reason}`, { cause });
  }
}
