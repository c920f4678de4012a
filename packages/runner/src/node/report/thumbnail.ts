import { type Example, readBytes, sharpImage } from '@fixres/data/node';

/** Longest side in pixels: sharp on high-density screens at the size in reports. */
const SIDE = 192;
/** Larger files are not photos for a report. */
const MAX_BYTES = 64 << 20;

/** A small copy of an image as a data URI. */
export async function thumbnail({ id, source }: Example): Promise<string> {
  const bytes = await readBytes(source, { maxBytes: MAX_BYTES });
  const small = await sharpImage(bytes, id)
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 76 })
    .toBuffer();
  return `data:image/webp;base64,${small.toString('base64')}`;
}
