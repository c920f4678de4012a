import { completeLimits } from '../complete-limits.ts';

/** How large one image may be. A small file can claim to be enormous: what claims more is refused before memory is taken for it. */
export interface ImageLimits {
  /** Bytes of the encoded image. Default 128 MiB. */
  maxBytes: number;
  /** Pixels of the decoded image. Default 2^26, about 67 million. */
  maxPixels: number;
}

export const defaultImageLimits: ImageLimits = { maxBytes: 2 ** 27, maxPixels: 2 ** 26 };

/** Fills in the defaults. @throws FixresDataError `bad-option` */
export function imageLimits(given?: Partial<ImageLimits>): ImageLimits {
  return completeLimits(defaultImageLimits, given);
}
