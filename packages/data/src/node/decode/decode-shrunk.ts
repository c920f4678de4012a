import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import type { Size, View } from '../../geometry/view.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { Drawing } from '../../policies/policy.ts';
import { decodeFailure, decodeImage, inputOptions } from './decode-image.ts';
import { imageFormat } from './image-format.ts';
import { defaultImageLimits } from './image-limits.ts';
import { loadSharp } from './load-sharp.ts';

/** An image that was decoded at a fraction of its size, and the drawing scaled to it. */
export interface ShrunkImage {
  image: RgbImage;
  drawing: Drawing;
}

export interface DecodeShrunkOptions {
  /** Images with more pixels, in full, are refused. Default 2^26. */
  maxPixels?: number;
  /** How JPEG files are decoded if they are not scaled down. Default `accurate`. */
  decode?: JpegDecoding | undefined;
  /** Decodes the image scaled down by `factor`, or returns it from a cache. */
  decodeBy?: (factor: number, decode: () => Promise<RgbImage>) => Promise<RgbImage>;
}

/**
 * Decodes for a policy with `shrinkOnLoad`: a JPEG file is scaled down by 8, 4 or 2 in the decoder's cosine
 * transform if its drawing needs no more pixels. Everything else is decoded at full size.
 *
 * @param draw gives the drawing for the image's full size
 * @throws FixresDataError `corrupt-image` for anything but a complete image, `image-too-large`
 */
export async function decodeShrunk(
  bytes: Uint8Array,
  name: string,
  draw: (size: Size) => Drawing,
  {
    maxPixels = defaultImageLimits.maxPixels,
    decode,
    decodeBy = (_factor, decode) => decode(),
  }: DecodeShrunkOptions = {},
): Promise<ShrunkImage> {
  const full = await shrinkableSize(bytes, name, maxPixels);
  if (!full) {
    const image = await decodeBy(1, () => decodeImage(bytes, name, { maxPixels, decode }));
    return { image, drawing: draw(image) };
  }
  const drawing = draw(full);
  const factor = shrinkFactor(drawing);
  const image = await decodeBy(factor, () => {
    const shrunk =
      factor === 1
        ? undefined
        : { width: Math.floor(full.width / factor), height: Math.floor(full.height / factor) };
    return decodeImage(bytes, name, { maxPixels, decode, shrunk });
  });
  return {
    image,
    drawing: {
      ...drawing,
      view: scaledView(drawing.view, image.width / full.width, image.height / full.height),
    },
  };
}

/** The size of an upright JPEG file; libvips decodes others at full size before it turns them. */
async function shrinkableSize(
  bytes: Uint8Array,
  name: string,
  maxPixels: number,
): Promise<Size | undefined> {
  if (imageFormat(bytes) !== 'jpeg') return undefined;
  const sharp = await loadSharp();
  try {
    const {
      width,
      height,
      orientation = 1,
    } = await sharp(bytes, inputOptions(maxPixels)).metadata();
    return orientation === 1 ? { width, height } : undefined;
  } catch (cause) {
    throw decodeFailure(name, cause, maxPixels);
  }
}

function shrinkFactor({ view: { region, resized }, interpolation }: Drawing): number {
  // libvips crops at whole pixels before it resizes; a scaled region may not have them.
  if (interpolation === 'lanczos3') return 1;
  return (
    [8, 4, 2].find(
      (factor) =>
        region.width >= factor * resized.width && region.height >= factor * resized.height,
    ) ?? 1
  );
}

function scaledView(view: View, scaleX: number, scaleY: number): View {
  const { x, y, width, height } = view.region;
  return {
    ...view,
    region: { x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY },
  };
}
