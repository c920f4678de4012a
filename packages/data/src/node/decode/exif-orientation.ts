import { exifEntry, openExif } from './exif-directory.ts';

const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Orientation, 1 to 8, from EXIF data that starts with its TIFF header (`II` or `MM`).
 *
 * @returns undefined if there is none; damaged EXIF data never makes an image unreadable. 0 if it is not
 * one SHORT, as the standard demands: libvips interprets that.
 */
export function exifOrientation(tiff: Uint8Array): number | undefined {
  const exif = openExif(tiff);
  const entry = exif && exifEntry(exif, exif.first, ORIENTATION);
  if (!entry) return undefined;
  if (entry.type !== SHORT || entry.count !== 1) return 0;
  const value = exif.bytes.getUint16(entry.at, exif.little);
  return value >= 1 && value <= 8 ? value : undefined;
}
