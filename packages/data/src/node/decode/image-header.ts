import sharp from 'sharp';
import { FixresDataError } from '../../errors.ts';
import type { Size } from '../../geometry/view.ts';
import type { Example } from '../dataset/dataset.ts';
import { type ByteSource, openForReading, readBytes, readRange } from '../files/byte-source.ts';
import { inLanes } from '../in-lanes.ts';
import type { ImageFailure } from '../loader/worker-protocol.ts';
import { BMP_HEADER_BYTES, bmpSize } from './bmp.ts';
import { exifOrientation } from './exif-orientation.ts';
import { asciiAt, imageFormat, type ImageFormat, whyUnread } from './image-format.ts';

/** What an image file says about itself before it is decoded. */
export interface ImageHeader extends Size {
  /** Upright size in pixels: EXIF orientation is applied, as `decodeImage` does. */
  width: number;
  height: number;
  format: ImageFormat;
  /** EXIF orientation, 1 (upright) to 8. From 5 on, width and height of the stored image are swapped. */
  orientation: number;
}

/** The first read: it holds the whole header of most files. */
const WINDOW = 4096;
/** More parts than this before the picture are no header. */
const MAX_PARTS = 1000;
/** Longer EXIF data is not looked at: orientation comes first in it, and JPEG has no room for more. */
const MAX_EXIF = 65_536;
/** Headers read at the same time. */
const LANES = 16;

/** Reads `length` bytes from `start` on, fewer at the end of the image. */
type Read = (start: number, length: number) => Promise<Uint8Array>;

/**
 * Reads an image's size from its header, a few kilobytes. The pixels are not looked at: an image that has a size may still be damaged.
 *
 * @param id names the image in errors
 * @throws FixresDataError `corrupt-image`, and those of `readBytes`
 */
export async function readImageHeader(source: ByteSource, id: string): Promise<ImageHeader> {
  if (source.compression === 'deflate') return imageHeaderOf(await readBytes(source), id);
  const handle = await openForReading(source.file);
  try {
    const within = (start: number, length: number): number =>
      Math.max(0, Math.min(length, source.length - start));
    const window = await readRange(handle, source, 0, within(0, WINDOW));
    const read: Read = async (start, length) => {
      if (start + within(start, length) <= window.length)
        return window.subarray(start, start + length);
      return readRange(handle, source, start, within(start, length));
    };
    return await parseHeader(read, id);
  } finally {
    await handle.close();
  }
}

/** The same for an encoded image in memory. @throws FixresDataError `corrupt-image` */
export async function imageHeaderOf(bytes: Uint8Array, id: string): Promise<ImageHeader> {
  return parseHeader((start, length) => Promise.resolve(bytes.subarray(start, start + length)), id);
}

export interface ReadImageHeadersOptions {
  /** Called with the number of headers read so far. */
  onProgress?: (read: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Reads the headers of many images.
 *
 * @returns headers in the examples' order, undefined where one cannot be read, and why
 */
export async function readImageHeaders(
  examples: readonly Example[],
  { onProgress, signal }: ReadImageHeadersOptions = {},
): Promise<{ headers: (ImageHeader | undefined)[]; failures: ImageFailure[] }> {
  const failures: ImageFailure[] = [];
  let done = 0;
  const read = async ({ id, source }: Example): Promise<ImageHeader | undefined> => {
    try {
      return await readImageHeader(source, id);
    } catch (error) {
      if (!(error instanceof FixresDataError)) throw error;
      failures.push({ id, code: error.code, message: error.message });
      return undefined;
    } finally {
      onProgress?.(++done);
    }
  };
  const headers = await inLanes(examples, LANES, read, signal);
  return { headers, failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function parseHeader(read: Read, id: string): Promise<ImageHeader> {
  const start = await read(0, 12);
  const format = imageFormat(start);
  if (!format) throw corrupt(id, `it ${whyUnread(start)}`);
  const { width, height, orientation } = await parsers[format](read, id);
  if (width === 0 || height === 0) throw corrupt(id, `its size is ${width} x ${height}`);
  return orientation >= 5
    ? { width: height, height: width, format, orientation }
    : { width, height, format, orientation };
}

type Stored = Size & { orientation: number };

const parsers: Record<ImageFormat, (read: Read, id: string) => Promise<Stored>> = {
  /** ITU T.81: segments of marker, length and content; a start-of-frame segment holds the size. */
  async jpeg(read, id) {
    let orientation = 1;
    let position = 2;
    for (let part = 0; part < MAX_PARTS; part++) {
      const head = view(await read(position, 9));
      if (head.byteLength < 4 || head.getUint8(0) !== 0xff) break;
      const marker = head.getUint8(1);
      if (marker === 0xff) {
        // Fill bytes may stand before a marker.
        position += 1;
        continue;
      }
      const isStandalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
      if (isStandalone) {
        position += 2;
        continue;
      }
      const isFrame =
        marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
      if (isFrame && head.byteLength === 9)
        return { width: head.getUint16(7), height: head.getUint16(5), orientation };
      const isPictureOrEnd = marker === 0xda || marker === 0xd9;
      const length = head.getUint16(2);
      if (isFrame || isPictureOrEnd || length < 2) break;
      if (marker === 0xe1) {
        const content = await read(position + 4, length - 2);
        if (asciiAt(content, 0) === 'Exif')
          orientation = exifOrientation(content.subarray(6)) ?? orientation;
      }
      position += 2 + length;
    }
    throw corrupt(id, 'its JPEG header has no size');
  },

  /** W3C PNG: chunks of length, type, content and checksum; IHDR comes first. Orientation counts only before the pixels. */
  async png(read, id) {
    const header = view(await read(8, 17));
    if (header.byteLength < 17 || text(header, 4) !== 'IHDR')
      throw corrupt(id, 'its PNG header has no size');
    const size = { width: header.getUint32(8), height: header.getUint32(12) };
    let position = 33;
    for (let part = 0; part < MAX_PARTS; part++) {
      const head = view(await read(position, 8));
      if (head.byteLength < 8 || text(head, 4) === 'IDAT') break;
      const length = head.getUint32(0);
      if (text(head, 4) === 'eXIf') {
        return {
          ...size,
          orientation: exifOrientation(await read(position + 8, Math.min(length, MAX_EXIF))) ?? 1,
        };
      }
      position += 12 + length;
    }
    return { ...size, orientation: 1 };
  },

  /** RFC 9649: RIFF chunks; VP8X holds the canvas of anything but a plain picture, and EXIF data follows the picture. */
  async webp(read, id) {
    const head = view(await read(12, 18));
    if (head.byteLength < 18) throw corrupt(id, 'its WebP header has no size');
    const type = text(head, 0);
    if (
      type === 'VP8 ' &&
      head.getUint8(11) === 0x9d &&
      head.getUint8(12) === 0x01 &&
      head.getUint8(13) === 0x2a
    ) {
      return {
        width: head.getUint16(14, true) & 0x3fff,
        height: head.getUint16(16, true) & 0x3fff,
        orientation: 1,
      };
    }
    if (type === 'VP8L' && head.getUint8(8) === 0x2f) {
      const bits = head.getUint32(9, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 };
    }
    if (type !== 'VP8X') throw corrupt(id, 'its WebP header has no size');
    const canvas = { width: uint24(head, 12) + 1, height: uint24(head, 15) + 1 };
    const hasExif = (head.getUint8(8) & 0x08) !== 0;
    return { ...canvas, orientation: hasExif ? await webpOrientation(read) : 1 };
  },

  async bmp(read, id) {
    try {
      return { ...bmpSize(await read(0, BMP_HEADER_BYTES)), orientation: 1 };
    } catch (cause) {
      throw corrupt(id, `it ${(cause as Error).message}`);
    }
  },

  gif: headerOfWhole,
  tiff: headerOfWhole,
};

/**
 * The header as libvips reads it, of formats whose size cannot be told from their start: a TIFF directory may lie anywhere, and the frame
 * of a GIF need not be as large as its screen.
 */
async function headerOfWhole(read: Read, id: string): Promise<Stored> {
  const bytes = await read(0, Number.MAX_SAFE_INTEGER);
  try {
    const {
      width,
      height,
      orientation = 1,
    } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
    return { width, height, orientation };
  } catch (cause) {
    throw corrupt(id, (cause as Error).message.split('\n')[0]!.replace(/\.$/, ''));
  }
}

async function webpOrientation(read: Read): Promise<number> {
  let position = 30;
  for (let part = 0; part < MAX_PARTS; part++) {
    const head = view(await read(position, 8));
    if (head.byteLength < 8) break;
    const length = head.getUint32(4, true);
    if (text(head, 0) === 'EXIF') {
      const content = await read(position + 8, Math.min(length, MAX_EXIF));
      // Some writers put JPEG's prefix before the data.
      return exifOrientation(asciiAt(content, 0) === 'Exif' ? content.subarray(6) : content) ?? 1;
    }
    position += 8 + length + (length % 2);
  }
  return 1;
}

function corrupt(id: string, why: string): FixresDataError {
  return new FixresDataError('corrupt-image', `Image ${id} cannot be read: ${why}.`);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => bytes.getUint8(offset + i)));
}

function uint24(bytes: DataView, offset: number): number {
  return bytes.getUint16(offset, true) | (bytes.getUint8(offset + 2) << 16);
}
