/**
 * Most training images that running statistics are estimated from. A thousand are enough for statistics that training's own noise is larger
 * than (Wu and Johnson, 2021, section 3.3); a few times as many cost little beside an epoch that is worth the name.
 */
export const NORM_IMAGES = 4096;

/**
 * Images for the estimate after an epoch, which only its test needs: an eighth of the training images, which costs about a twenty-fourth
 * of the epoch, within limits below which the estimate suffers and above which it gains nothing.
 */
export function epochNormImages(trainImages: number): number {
  return Math.min(Math.max(Math.ceil(trainImages / 8), 128), 512);
}
