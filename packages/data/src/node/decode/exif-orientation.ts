const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Orientation, 1 to 8, from EXIF data that starts with its TIFF header (`II` or `MM`).
 *
 * @returns undefined if there is none; damaged EXIF data never makes an image unreadable. 0 if it is not
 * one SHORT, as the standard demands: libvips interprets that.
 */
export function exifOrientation(tiff: Uint8Array): number | undefined {
  if (tiff.length < 8) return undefined;
  const bytes = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = bytes.getUint16(0);
  const little = order === 0x4949;
  if (!(little || order === 0x4d4d) || bytes.getUint16(2, little) !== 42) return undefined;
  const directory = bytes.getUint32(4, little);
  if (directory + 2 > tiff.length) return undefined;
  const count = bytes.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.length) return undefined;
    if (bytes.getUint16(entry, little) !== ORIENTATION) continue;
    const isOneShort =
      bytes.getUint16(entry + 2, little) === SHORT && bytes.getUint32(entry + 4, little) === 1;
    if (!isOneShort) return 0;
    const value = bytes.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
