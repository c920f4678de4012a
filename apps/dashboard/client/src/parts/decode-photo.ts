import type { RgbImage } from '@fixres/data';

/** Maximum number of pixels decoded in the page, the same as in the command line. */
const MAX_PIXELS = 2 ** 26;

/**
 * Decodes a photo to RGB levels like the command line: upright by its EXIF orientation, in sRGB, at
 * its full size.
 *
 * @throws Error if it is not an image, or too large
 */
export async function decodePhoto(photo: Blob): Promise<RgbImage> {
  const bitmap = await createImageBitmap(photo, {
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw new Error('The browser cannot read this file as an image.');
  });
  try {
    const { width, height } = bitmap;
    if (width * height > MAX_PIXELS)
      throw new Error(`The photo has more than ${MAX_PIXELS} pixels.`);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0, k = 0; i < data.length; i += 4) {
      rgb[k++] = data[i]!;
      rgb[k++] = data[i + 1]!;
      rgb[k++] = data[i + 2]!;
    }
    return { width, height, data: rgb };
  } finally {
    bitmap.close();
  }
}
