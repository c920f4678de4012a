import sharp from 'sharp';
import { FixresDataError } from '../errors.ts';
import type { Size } from '../geometry/view.ts';
import { readBytes } from './byte-source.ts';
import type { Example } from './class-folders.ts';
import type { ImageFailure } from './worker-protocol.ts';

/** What an image file says about itself, without decoding it. */
export interface ImageHeader extends Size {
  /** `jpeg`, `png`, `webp` and so on. */
  format: string;
}

/**
 * Reads the header of an encoded image. Width and height are those of the upright image, after its EXIF orientation.
 *
 * @throws FixresDataError `corrupt-image`
 */
export async function readImageHeader(bytes: Uint8Array, name: string): Promise<ImageHeader> {
  try {
    const { format, autoOrient } = await sharp(bytes).metadata();
    return { format, width: autoOrient.width, height: autoOrient.height };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new FixresDataError('corrupt-image', `Image ${name} cannot be read: ${reason}`, { cause });
  }
}

export interface ReadImageSizesOptions {
  /** Called with the number of images read so far. */
  onProgress?: (read: number) => void;
  signal?: AbortSignal | undefined;
}

/** Files that are read at the same time. */
const IN_FLIGHT = 8;

/** Reads the sizes of images without decoding them. Files that are no images are listed, not fatal. */
export async function readImageSizes(
  examples: readonly Example[],
  { onProgress, signal }: ReadImageSizesOptions = {},
): Promise<{ sizes: Size[]; failures: ImageFailure[] }> {
  const found: (Size | undefined)[] = Array.from(examples, () => undefined);
  const failures: ImageFailure[] = [];
  let next = 0;
  let read = 0;
  const lane = async (): Promise<void> => {
    while (next < examples.length) {
      signal?.throwIfAborted();
      const index = next++;
      const { id, source } = examples[index]!;
      try {
        const { width, height } = await readImageHeader(await readBytes(source), id);
        found[index] = { width, height };
      } catch (error) {
        if (!(error instanceof FixresDataError) || error.code !== 'corrupt-image') throw error;
        failures.push({ id, code: error.code, message: error.message });
      }
      onProgress?.(++read);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { sizes: found.filter((size) => size !== undefined), failures: failures.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}
