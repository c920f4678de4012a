import { posix } from 'node:path';

/** Endings of files that count as images. What such a file holds is told by its content, not by its name. */
const read: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.bmp',
  '.gif',
  '.tif',
  '.tiff',
]);

/** Endings of pictures that are not read: whoever has some in a data set should know that they are passed over. */
const unread: ReadonlySet<string> = new Set([
  '.heic',
  '.heif',
  '.avif',
  '.jxl',
  '.jp2',
  '.j2k',
  '.svg',
  '.psd',
  '.tga',
  '.ico',
  '.ppm',
  '.pgm',
  '.pnm',
  '.exr',
  '.hdr',
  // What cameras write beside JPEG.
  '.dng',
  '.cr2',
  '.cr3',
  '.nef',
  '.arw',
  '.raw',
]);

/** The endings that are read, for messages. */
export const READ_ENDINGS: string = [...read].join(', ');

/** The ending of a file's name in lower case, with its dot; empty where there is none. */
export function endingOf(path: string): string {
  return posix.extname(path).toLowerCase();
}

/** Whether a file's ending is that of an image that is read. */
export function hasImageEnding(path: string): boolean {
  return read.has(endingOf(path));
}

/** Whether a file's ending is that of a picture, read or not. */
export function hasPictureEnding(path: string): boolean {
  const ending = endingOf(path);
  return read.has(ending) || unread.has(ending);
}
