import { type ImageSize, imageSizeOf, imageSizeText, sidesOf } from '@fixres/data';
import { usage } from '../import-model/usage.ts';
import { DEFAULT_SIZE } from './import-keras-options.ts';

/**
 * The image size of an imported model: that of `--image-size`, or else that of the file.
 *
 * @param own height and width of the file's input; null: any
 * @param asked `--image-size`
 * @param refusal the error for a size that is not the file's, with the texts of both; undefined if
 * the model takes any
 */
export function chosenSize(
  [height, width]: readonly [number | null, number | null],
  asked: ImageSize | undefined,
  refusal?: (asked: string, own: string) => string,
): ImageSize {
  const own =
    height === null || width === null
      ? `${height ?? 'any'} x ${width ?? 'any'}`
      : imageSizeText({ height, width });
  if (asked !== undefined) {
    const sides = sidesOf(asked);
    const isOwn =
      (height ?? sides.height) === sides.height && (width ?? sides.width) === sides.width;
    if (refusal !== undefined && !isOwn) throw usage(refusal(imageSizeText(asked), own));
    return asked;
  }
  if (height === null && width === null) return DEFAULT_SIZE;
  if (height === null || width === null) {
    throw usage(
      `The model of the file was built for images of ${own} pixels (height x width); give one size with --image-size.`,
    );
  }
  return imageSizeOf({ height, width });
}
