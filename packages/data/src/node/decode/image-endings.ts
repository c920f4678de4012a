import { posix } from 'node:path';

/** File endings of images. The content determines the format, not the name. */
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

/** File endings of pictures that are not read. Users are told that these are left out. */
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
  // Other formats of cameras.
  '.dng',
  '.cr2',
  '.cr3',
  '.nef',
  '.arw',
  '.raw',
]);

/** The supported endings, for messages. */
export const READ_ENDINGS: string = [...read].join(', ');

/** The ending of a file's name in lower case, with its dot; empty if there is none. */
export function endingOf(path: string): string {
  return posix.extname(path).toLowerCase();
}

/** Whether a file has the ending of a supported image. */
export function hasImageEnding(path: string): boolean {
  return read.has(endingOf(path));
}

/** Whether a file has the ending of a picture, supported or not. */
export function hasPictureEnding(path: string): boolean {
  const ending = endingOf(path);
  return read.has(ending) || unread.has(ending);
}

const endingBeforeSeparator = new RegExp(
  `\\.(?:${[...read].map((ending) => ending.slice(1)).join('|')})(?=[ ,\\t])`,
  'i',
);

/** Where the path of an image ends in a line of a list, before a space, comma or tab; -1 if nowhere. */
export function endOfImagePath(line: string): number {
  const found = endingBeforeSeparator.exec(line);
  return found ? found.index + found[0].length : -1;
}
