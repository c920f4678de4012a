import type { Size } from '../../geometry/view.ts';

/** What a JPEG file states before its first scan. */
export interface JpegFrame extends Size {
  /** Whether there is an EXIF segment, which may ask to turn the picture. */
  hasExif: boolean;
}

const START_OF_IMAGE = 0xd8;
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
/** Baseline, extended sequential and progressive, with Huffman coding. */
const KNOWN_FRAMES = [0xc0, 0xc1, 0xc2];
/** Tables, restart interval, application data and comments. */
const isPlainSegment = (marker: number): boolean =>
  [0xc4, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);

/**
 * Reads the frame header of a JPEG file, segment by segment up to the first scan (ITU-T T.81, B.2).
 * It is strict, so that no decoder can find another size in the file: memory is reserved for this one.
 *
 * @param bytes the file, or its start
 * @returns undefined for anything unusual: fill bytes, two frames, arithmetic coding, 12 bits, or no
 * scan in `bytes`
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return undefined;
  let size: Size | undefined;
  let hasExif = false;
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return undefined;
    if (marker === START_OF_SCAN) return size && { ...size, hasExif };
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return undefined;
    if (KNOWN_FRAMES.includes(marker)) {
      if (size || length < 8 || bytes[at + 4] !== 8) return undefined;
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      if (size.width === 0 || size.height === 0) return undefined;
    } else if (!isPlainSegment(marker)) return undefined;
    if (marker === APP1 && isExif(bytes.subarray(at + 4, end))) hasExif = true;
    at = end;
  }
  return undefined;
}

function isExif(segment: Uint8Array): boolean {
  return String.fromCharCode(...segment.subarray(0, 4)) === 'Exif';
}
