import { FixresDataError } from '../../errors.ts';
import { type ImageFormat, imageFormat, whyUnread } from '../decode/image-format.ts';

const endings: Readonly<Record<ImageFormat, string>> = {
  jpeg: '.jpg',
  png: '.png',
  webp: '.webp',
  bmp: '.bmp',
  gif: '.gif',
  tiff: '.tif',
};

/**
 * The ending of an image file, with its dot, by the image's first bytes.
 *
 * @throws FixresDataError `corrupt-image` if it is no image; `id` names it
 */
export function imageEnding(bytes: Uint8Array, id: string): string {
  const format = imageFormat(bytes);
  if (format) return endings[format];
  throw new FixresDataError(
    'corrupt-image',
    `Image ${id} cannot be named: it ${whyUnread(bytes)}.`,
  );
}
