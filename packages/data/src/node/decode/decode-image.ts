import type { Sharp, SharpOptions } from 'sharp';
import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import { requireDecoding } from '../../contract/require-decoding.ts';
import { FixresDataError } from '../../errors.ts';
import type { Size } from '../../geometry/view.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import { bmpSize, decodeBmp } from './bmp.ts';
import { imageFormat, type ImageFormat, whyUnread } from './image-format.ts';
import { defaultImageLimits } from './image-limits.ts';
import { loadSharp } from './load-sharp.ts';
import { decodeLikeTensorFlow } from './tensorflow-jpeg.ts';

export interface DecodeOptions {
  /** Images with more pixels are refused. Default 2^26. */
  maxPixels?: number;
  /** How JPEG files are decoded at their full size. Default `accurate`. */
  decode?: JpegDecoding | undefined;
  /** Size to decode at, a half, quarter or eighth of a JPEG file's; by default the full size. */
  shrunk?: Size | undefined;
}

/** How sharp is to open every file. */
export function inputOptions(maxPixels: number): SharpOptions {
  return { failOn: 'warning', limitInputPixels: maxPixels };
}

/**
 * Decodes a JPEG, PNG, WebP, BMP, GIF or TIFF file to 8-bit sRGB, turned upright by its EXIF orientation. Grey, palette, CMYK and 16-bit
 * images are converted, an alpha channel is dropped, and of an animation or several pages the first is taken. Runs in libvips' threads;
 * BMP files, and JPEG files with `decode: tensorflow`, are decoded in the calling one.
 *
 * @throws FixresDataError `corrupt-image` for anything that is not a whole image, `image-too-large`,
 * `decoder-missing`
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: DecodeOptions = {},
): Promise<RgbImage> {
  const { maxPixels = defaultImageLimits.maxPixels, decode = 'accurate', shrunk } = options;
  requireDecoding(decode);
  const format = readFormat(bytes, name);
  if (format === 'bmp') return decodeSmallBmp(bytes, name, maxPixels);
  if (format === 'jpeg' && decode === 'tensorflow' && !shrunk) {
    const image = await decodeLikeTensorFlow(bytes, maxPixels);
    if (image) return image;
  }
  const sharp = await loadSharp();
  try {
    const input = sharp(bytes, inputOptions(maxPixels)).autoOrient();
    const sized = shrunk
      ? input.resize({ ...shrunk, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: true })
      : input;
    const { data, info } = await sized
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (cause) {
    throw decodeFailure(name, cause, maxPixels);
  }
}

/**
 * An image as sharp's input, turned upright, to show it scaled down: libvips then decodes only what it needs.
 *
 * @throws FixresDataError as {@link decodeImage} does; sharp reports damaged pixels later
 */
export async function sharpImage(
  bytes: Uint8Array,
  name: string,
  { maxPixels = defaultImageLimits.maxPixels }: Pick<DecodeOptions, 'maxPixels'> = {},
): Promise<Sharp> {
  const format = readFormat(bytes, name);
  const sharp = await loadSharp();
  if (format !== 'bmp') return sharp(bytes, inputOptions(maxPixels)).autoOrient();
  const { data, width, height } = decodeSmallBmp(bytes, name, maxPixels);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/**
 * libvips knows many more formats. The supported ones are those of data sets; the decoders of the others
 * would only be a risk with hostile files.
 */
function readFormat(bytes: Uint8Array, name: string): ImageFormat {
  const format = imageFormat(bytes);
  if (format) return format;
  throw new FixresDataError(
    'corrupt-image',
    `Image ${name} cannot be decoded: it ${whyUnread(bytes)}.`,
  );
}

function decodeSmallBmp(bytes: Uint8Array, name: string, maxPixels: number): RgbImage {
  try {
    const { width, height } = bmpSize(bytes);
    if (width * height <= maxPixels) return decodeBmp(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FixresDataError(
      'corrupt-image',
      `Image ${name} cannot be decoded: it ${cause.message}.`,
      { cause },
    );
  }
  throw tooManyPixels(name, maxPixels);
}

function tooManyPixels(name: string, maxPixels: number, options?: ErrorOptions): FixresDataError {
  return new FixresDataError(
    'image-too-large',
    `Image ${name} has more than ${maxPixels} pixels, the maximum (option "maxPixels").`,
    options,
  );
}

/** Converts an error of sharp: `image-too-large` or `corrupt-image`. */
export function decodeFailure(name: string, cause: unknown, maxPixels: number): FixresDataError {
  const reason = (cause as Error).message.split('\n')[0]!;
  if (reason.includes('exceeds pixel limit')) return tooManyPixels(name, maxPixels, { cause });
  return new FixresDataError('corrupt-image', `Image ${name} cannot be decoded: ${reason}`, {
    cause,
  });
}
