import { type Example, readBytes, sharpImage } from '@fixres/data/node';
import { isMissing, type Missing } from '@fixres/runs/report';
import type { RunImages } from './run-images.ts';

/** A small copy of an image of a run as a data URI; `null` if the image is not available. */
export async function pictureOf(file: string, images: RunImages | Missing): Promise<string | null> {
  const example = isMissing(images) ? undefined : images.byId.get(file);
  // A file that was removed or damaged in the meantime must not prevent the report.
  return example === undefined ? null : thumbnail(example).catch(() => null);
}

/** Longest side in pixels: sharp on high-density screens at the size in reports. */
const SIDE = 192;
/** Larger files are not photos for a report. */
const MAX_BYTES = 64 << 20;

async function thumbnail({ id, source }: Example): Promise<string> {
  const bytes = await readBytes(source, { maxBytes: MAX_BYTES });
  const image = await sharpImage(bytes, id);
  const small = await image
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 76 })
    .toBuffer();
  return `data:image/webp;base64,${small.toString('base64')}`;
}
