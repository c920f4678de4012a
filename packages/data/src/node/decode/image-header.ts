import { PNG } from 'image-size/types/png';
import { WEBP } from 'image-size/types/webp';
import { FixresDataError } from '../../errors.ts';
import type { Size } from '../../geometry/view.ts';
import type { Example } from '../dataset/dataset.ts';
import {
  type ByteSource,
  openSource,
  readBytes,
  readRange,
  requireAllowedSize,
} from '../files/byte-source.ts';
import { inLanes } from '../in-lanes.ts';
import type { ImageFailure } from '../loader/worker-protocol.ts';
import { BMP_HEADER_BYTES, bmpSize } from './bmp.ts';
import { type Capture, exifCapture } from './exif-capture.ts';
import { isImageFailure } from './image-failure.ts';
import { imageFormat, type ImageFormat, whyUnread } from './image-format.ts';
import { defaultImageLimits } from './image-limits.ts';
import { jpegFrame } from './jpeg-frame.ts';
import { loadSharp } from './load-sharp.ts';

/** Facts about an image file that are known without decoding it. */
export interface ImageHeader extends Size {
  /** Upright size in pixels: EXIF orientation is applied, as `decodeImage` does. */
  width: number;
  height: number;
  format: ImageFormat;
  /** EXIF orientation, 1 (upright) to 8. From 5 on, width and height of the stored image are swapped. */
  orientation: number;
  /** Camera and time of a photo, if its EXIF data has both. */
  capture?: Capture;
}

/** Bytes of the first read: the whole header of most files. */
const WINDOW = 4096;
/** Bytes of the second read: metadata before the picture seldom takes more. */
const LONG_WINDOW = 2 ** 17;
/** Headers read at the same time. */
const LANES = 16;

/** Reads the first `length` bytes of an image, or all of them. */
type ReadStart = (length: number) => Promise<Uint8Array>;

/**
 * Reads an image's size from its header, a few kilobytes. Pixels are not read, so the image can still be
 * damaged.
 *
 * @param id names the image in errors
 * @throws FixresDataError `corrupt-image`, and those of `readBytes`
 */
export async function readImageHeader(source: ByteSource, id: string): Promise<ImageHeader> {
  if (source.compression === 'deflate') return imageHeaderOf(await readBytes(source), id);
  const handle = await openSource(source);
  try {
    return await parseHeader(async (length) => {
      if (length === Infinity) requireAllowedSize(source, defaultImageLimits.maxBytes);
      return readRange(handle, source, 0, Math.min(length, source.length));
    }, id);
  } finally {
    await handle.close();
  }
}

/** {@link readImageHeader} for an encoded image in memory. @throws FixresDataError `corrupt-image` */
export async function imageHeaderOf(bytes: Uint8Array, id: string): Promise<ImageHeader> {
  return parseHeader((length) => Promise.resolve(bytes.subarray(0, length)), id);
}

export interface ReadImageHeadersOptions {
  /** Called with the number of headers read so far. */
  onProgress?: (read: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Reads the headers of many images.
 *
 * @returns headers in the examples' order, undefined for unreadable ones, and the failures
 * @throws FixresDataError `download-failed`, `bad-checksum` if a server fails; the signal's reason when aborted
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
      if (!isImageFailure(error)) throw error;
      failures.push({ id, code: error.code, message: error.message });
      return undefined;
    } finally {
      onProgress?.(++done);
    }
  };
  const headers = await inLanes(examples, LANES, read, signal);
  return { headers, failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function parseHeader(read: ReadStart, id: string): Promise<ImageHeader> {
  const start = await read(WINDOW);
  const format = imageFormat(start);
  if (!format) throw corrupt(id, `it ${whyUnread(start)}`);
  const { width, height, ...rest } =
    format === 'bmp'
      ? bmpHeader(start, id)
      : (plainHeader(format, start) ?? (await libvipsHeader(format, read, id)));
  if (width === 0 || height === 0) throw corrupt(id, `its size is ${width} x ${height}`);
  return rest.orientation >= 5
    ? { width: height, height: width, format, ...rest }
    : { width, height, format, ...rest };
}

type Stored = Size & Pick<ImageHeader, 'orientation' | 'capture'>;

function bmpHeader(start: Uint8Array, id: string): Stored {
  try {
    return { ...bmpSize(start.subarray(0, BMP_HEADER_BYTES)), orientation: 1 };
  } catch (cause) {
    throw corrupt(id, `it ${(cause as Error).message}`);
  }
}

/**
 * The header of a file whose start shows that it has no orientation, which most files do not have.
 * This takes a small part of the time of libvips.
 */
function plainHeader(format: ImageFormat, start: Uint8Array): Stored | undefined {
  if (format === 'jpeg') {
    const frame = jpegFrame(start);
    if (frame === undefined || frame.hasExif) return undefined;
    return { width: frame.width, height: frame.height, orientation: 1 };
  }
  const plain = plainFormat(format, Buffer.from(start.buffer, start.byteOffset, start.length));
  try {
    if (!plain?.validate(start)) return undefined;
    const { width, height } = plain.calculate(start);
    // NaN if the size is cut off.
    return width > 0 && height > 0 ? { width, height, orientation: 1 } : undefined;
  } catch {
    return undefined;
  }
}

/** How image-size reads a file of a format, if its orientation is certain. */
function plainFormat(format: ImageFormat, start: Buffer): typeof PNG | undefined {
  // The orientation can be anywhere before the pixels.
  if (format === 'png') return start.includes('IDAT') && !start.includes('eXIf') ? PNG : undefined;
  if (format !== 'webp') return undefined;
  // RFC 9649: the extended format has a flag for it.
  const hasExif = start.toString('latin1', 12, 16) === 'VP8X' && (start[20]! & 0x08) !== 0;
  return hasExif ? undefined : WEBP;
}

/** The header by libvips. A TIFF directory can be anywhere, and a GIF is as large as its largest frame. */
async function libvipsHeader(format: ImageFormat, read: ReadStart, id: string): Promise<Stored> {
  const lengths = format === 'gif' || format === 'tiff' ? [Infinity] : [LONG_WINDOW, Infinity];
  const sharp = await loadSharp();
  let why = '';
  for (const length of lengths) {
    const bytes = await read(length);
    try {
      const options = { failOn: 'none', limitInputPixels: false } as const;
      const { width, height, orientation = 1, exif } = await sharp(bytes, options).metadata();
      const capture = exif && exifCapture(withoutName(exif));
      return { width, height, orientation, ...(capture && { capture }) };
    } catch (cause) {
      why = (cause as Error).message.split('\n')[0]!.replace(/\.$/, '');
    }
    if (bytes.length < length) break;
  }
  throw corrupt(id, why);
}

/** EXIF data from its TIFF header on: in some formats its name stands before it. */
function withoutName(exif: Uint8Array): Uint8Array {
  const name = 'Exif\0\0';
  return Buffer.from(exif.subarray(0, name.length)).toString('latin1') === name
    ? exif.subarray(name.length)
    : exif;
}

function corrupt(id: string, why: string): FixresDataError {
  return new FixresDataError('corrupt-image', `Image ${id} cannot be read: ${why}.`);
}
