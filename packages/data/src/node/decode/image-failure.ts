import { FixresDataError, type FixresDataErrorCode } from '../../errors.ts';

/** What can be wrong with the file of one image. */
const ofOneImage: ReadonlySet<FixresDataErrorCode> = new Set([
  'corrupt-image',
  'image-too-large',
  'damaged-archive',
  'not-found',
]);

/**
 * Whether an error is about one image, which may then be left out. Others say nothing about the image: if
 * a server fails, images that are left out would be another data set in each run.
 */
export function isImageFailure(error: unknown): error is FixresDataError {
  return error instanceof FixresDataError && ofOneImage.has(error.code);
}
