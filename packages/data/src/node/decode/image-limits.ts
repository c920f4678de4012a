import { completeLimits } from '../complete-limits.ts';

/**
 * Maximum size of one image. A small file can claim to be enormous, so it is refused before memory is
 * reserved for it.
 */
export interface ImageLimits {
  /** Bytes of the encoded image. Default 128 MiB. */
  maxBytes: number;
  /** Pixels of the decoded image. Default 2^26, about 67 million. */
  maxPixels: number;
}

export const defaultImageLimits: ImageLimits = { maxBytes: 2 ** 27, maxPixels: 2 ** 26 };

/** Adds the defaults. @throws FixresDataError `bad-option` */
export function imageLimits(given?: Partial<ImageLimits>): ImageLimits {
  return completeLimits(defaultImageLimits, given);
}
