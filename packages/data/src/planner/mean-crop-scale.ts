import { FixresDataError } from '../errors.ts';

/**
 * Mean linear size E[s] of a random crop, relative to the image, if its fraction s^2 of the image's
 * area is uniform in [low, high]. For RandomResizedCrop's (0.08, 1) it is 0.708. An image squashed
 * to S at test time, after training on such crops at T, has the apparent-size ratio E[s] * S / T,
 * so S = T / E[s] matches.
 *
 * Assumes that every drawn crop fits into the image. On elongated images large crops are drawn
 * again, which makes the mean smaller; `planResolution` simulates that.
 *
 * @throws FixresDataError `bad-option`
 */
export function meanCropScale([low, high]: readonly [number, number]): number {
  if (!(low >= 0 && low <= high && high > 0 && high <= 1)) {
    throw new FixresDataError(
      'bad-option',
      `Option "area" is [${low}, ${high}]; it must contain two fractions of the area from 0 to ` +
        '1, the lower first.',
    );
  }
  return low === high ? Math.sqrt(low) : ((2 / 3) * (high ** 1.5 - low ** 1.5)) / (high - low);
}
