import { type ImageSize, imageSizeText, parseImageSize, sidesOf } from '@fixres/data';
import { FixresRunnerError } from '@fixres/runner';
import { isWithin, settingRanges } from '@fixres/runs/names';

/**
 * Parses a list of image sizes, such as `96,128,160` or `96x128,144x192`.
 *
 * @throws FixresRunnerError that names the invalid item
 */
export function parseSizes(text: string): ImageSize[] {
  const sizes = text.split(',').map((item) => {
    const size = parseImageSize(item);
    const { height, width } = sidesOf(size ?? NaN);
    if (size !== undefined && [height, width].every((side) => isWithin(side, settingRanges.side)))
      return size;
    throw new FixresRunnerError(
      'bad-option',
      `Option --sizes has "${item.trim()}"; allowed are sizes from 8 to 4096 pixels, for example 96,128,160 or 96x128 (height x width).`,
    );
  });
  const texts = sizes.map(imageSizeText);
  const repeated = texts.find((size, i) => texts.indexOf(size) !== i);
  if (repeated !== undefined)
    throw new FixresRunnerError('bad-option', `Option --sizes has ${repeated} twice.`);
  return sizes;
}
