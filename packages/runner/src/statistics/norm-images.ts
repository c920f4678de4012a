import { type Experiment, experimentDefaults } from '@fixres/runs';

/**
 * Most training images that running statistics are estimated from. A thousand are enough for statistics that training's own noise is larger
 * than (Wu and Johnson, 2021, section 3.3); a few times as many cost little beside an epoch that is worth the name.
 */
export const NORM_IMAGES: number = experimentDefaults.normImages;

/**
 * Images for the estimate after an epoch, which only its test needs: an eighth of the training images, which costs about a twenty-fourth
 * of the epoch, within limits below which the estimate suffers and above which it gains nothing.
 */
export function epochNormImages(trainImages: number): number {
  return Math.min(Math.max(Math.ceil(trainImages / 8), 128), 512);
}

/**
 * Number of images that a pass over at most so many takes: whole batches, since the norms behind the first see what the batch's own
 * statistics make of it. Only of a set smaller than one batch it takes all.
 */
export function normPassImages(most: number, data: { images: number; batchSize: number }): number {
  const images = Math.min(most, data.images);
  return images < data.batchSize
    ? Math.min(data.batchSize, data.images)
    : images - (images % data.batchSize);
}

/** How many norms an arm has whose statistics are estimated anew: before its training, and those that follow it. */
export interface EstimatedNorms {
  before: number;
  following: number;
}

/**
 * Images of the passes before and after training in which running statistics are estimated anew; 0 where there is none.
 *
 * @param data number of training images, and of those in a batch
 */
export function normPasses(
  norms: EstimatedNorms,
  {
    normStatistics = 'running',
    normImages = NORM_IMAGES,
  }: Pick<Experiment, 'normStatistics' | 'normImages'>,
  { epochs, ...data }: { epochs: number; images: number; batchSize: number },
): { before: number; after: number } {
  const images = normPassImages(normImages, data);
  return {
    before: norms.before > 0 ? images : 0,
    after: normStatistics === 'precise' && epochs > 0 && norms.following > 0 ? images : 0,
  };
}
