/** The supported formats. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'bmp' | 'gif' | 'tiff';

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Little and big endian, 42 for TIFF and 43 for BigTIFF. */
const TIFF_SIGNATURES = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

/** The format by the first 12 bytes; file names are not trusted. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return 'png';
  if (asciiAt(bytes, 0) === 'RIFF' && asciiAt(bytes, 8) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(asciiAt(bytes, 0) + asciiAt(bytes, 4))) return 'gif';
  if (TIFF_SIGNATURES.includes(asciiAt(bytes, 0))) return 'tiff';
  if (asciiAt(bytes, 0).startsWith('BM')) return 'bmp';
  return undefined;
}

/** Why a file has no supported format, as the end of a sentence that starts with "it". */
export function whyUnread(bytes: Uint8Array): string {
  // ISO base media: photos of phones.
  if (asciiAt(bytes, 4) === 'ftyp') return 'is HEIC, AVIF or a film, which are not supported';
  return 'is not a JPEG, PNG, WebP, BMP, GIF or TIFF file';
}

/** The four characters at a position. */
function asciiAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
