import { type ImageSize, imageSizeOf, parseImageSize, sidesOf } from '@fixres/data/names';

/** An image size in an experiment file: `224`, `192x256` or `{ height: 192, width: 256 }`. */
export type SizeEntry = ImageSize | string;

/** The image size of an entry that the schema allows; a square becomes a number. */
export function imageSizeFrom(entry: SizeEntry): ImageSize {
  return typeof entry === 'string' ? parseImageSize(entry)! : imageSizeOf(sidesOf(entry));
}

/** Whether an entry asks for a measured size, perhaps among listed ones. */
export function isMeasured(
  entry: SizeEntry | { measured: SizeEntry[] },
): entry is 'measured' | { measured: SizeEntry[] } {
  return entry === 'measured' || (typeof entry === 'object' && 'measured' in entry);
}
