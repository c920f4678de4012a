/** The first directory of EXIF data, with what is needed to read its entries. */
export interface ExifData {
  bytes: DataView;
  little: boolean;
  /** Position of the first directory. */
  first: number;
}

/** An entry of a directory, in the words of the TIFF standard. */
export interface ExifEntry {
  type: number;
  count: number;
  /** Position of the four bytes with the value, or with its position if it is longer. */
  at: number;
}

/**
 * Opens EXIF data, which starts with its TIFF header (`II` or `MM`); undefined if it is something
 * else.
 */
export function openExif(tiff: Uint8Array): ExifData | undefined {
  if (tiff.length < 8) return undefined;
  const bytes = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = bytes.getUint16(0);
  const little = order === 0x4949;
  if (!(little || order === 0x4d4d) || bytes.getUint16(2, little) !== 42) return undefined;
  return { bytes, little, first: bytes.getUint32(4, little) };
}

/** The first entry of a directory with a tag; undefined without one, or if the data ends before it. */
export function exifEntry(
  { bytes, little }: ExifData,
  directory: number,
  tag: number,
): ExifEntry | undefined {
  if (directory + 2 > bytes.byteLength) return undefined;
  const count = bytes.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > bytes.byteLength) return undefined;
    if (bytes.getUint16(entry, little) !== tag) continue;
    return {
      type: bytes.getUint16(entry + 2, little),
      count: bytes.getUint32(entry + 4, little),
      at: entry + 8,
    };
  }
  return undefined;
}
