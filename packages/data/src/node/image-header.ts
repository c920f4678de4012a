import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { Size } from '../geometry/view.ts';
import { type ByteSource, readBytes } from './byte-source.ts';
import type { Example } from './class-folders.ts';
import type { ImageFailure } from './worker-protocol.ts';

/** What an image file says about itself before it is decoded. The size is that of the upright image, after its EXIF orientation. */
export interface ImageHeader extends Size {
  format: string;
}

/**
 * Reads an image's size from its header. The pixels are not looked at: an image that has a size may still be damaged.
 *
 * @param id names the image in errors
 * @throws FixresDataError `corrupt-image`, and those of `readBytes`
 */
export async function readImageHeader(source: ByteSource, id: string): Promise<ImageHeader> {
  const bytes = await readBytes(source);
  try {
    const { format, autoOrient } = await sharp(bytes).metadata();
    return { format, width: autoOrient.width, height: autoOrient.height };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new FixresDataError('corrupt-image', `Image ${id} cannot be read: ${reason}`, { cause });
  }
}

export interface ReadImageHeadersOptions {
  /** Called with the number of headers read so far. */
  onProgress?: (read: number) => void;
  signal?: AbortSignal | undefined;
}

/** Headers read at the same time. */
const LANES = 8;

/**
 * Reads the headers of many images.
 *
 * @returns headers in the examples' order, undefined where one cannot be read, and why
 */
export async function readImageHeaders(
  examples: readonly Example[],
  { onProgress, signal }: ReadImageHeadersOptions = {},
): Promise<{ headers: (ImageHeader | undefined)[]; failures: ImageFailure[] }> {
  const headers: (ImageHeader | undefined)[] = Array.from(examples, () => undefined);
  const failures: ImageFailure[] = [];
  let next = 0;
  let read = 0;
  const lane = async (): Promise<void> => {
    while (next < examples.length) {
      signal?.throwIfAborted();
      const index = next++;
      const { id, source } = examples[index]!;
      try {
        headers[index] = await readImageHeader(source, id);
      } catch (error) {
        if (!(error instanceof FixresDataError)) throw error;
        failures.push({ id, code: error.code, message: error.message });
      }
      onProgress?.(++read);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { headers, failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}
