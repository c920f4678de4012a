import { type Experiment, experimentDefaults } from '@fixres/runs';

/**
 * Maximum number of training images used to re-estimate running statistics. A thousand are enough
 * for an error below training's own noise (Wu and Johnson, 2021, section 3.3); a few times as many
 * cost little compared with an epoch.
 */
export const NORM_IMAGES: number = experimentDefaults.normImages;

/**
 * Images for the estimate after an epoch, which only its evaluation needs: an eighth of the
 * training images, which costs about a twenty-fourth of the epoch, between a minimum for accuracy
 * and a maximum beyond which nothing is gained.
 */
export function epochNormImages(trainImages: number): number {
  return Math.min(Math.max(Math.ceil(trainImages / 8), 128), 512);
}

/**
 * Number of images in a pass with this maximum: whole batches, because the input of later norms
 * depends on the batch's own statistics. All images of a set smaller than one batch.
 */
export function normPassImages(most: number, data: { images: number; batchSize: number }): number {
  const images = Math.min(most, data.images);
  return images < data.batchSize
    ? Math.min(data.batchSize, data.images)
    : images - (images % data.batchSize);
}

/** Number of norms of an arm that are re-estimated: before its training, and after its steps. */
export interface EstimatedNorms {
  before: number;
  following: number;
}

/**
 * Images of the passes before and after training that re-estimate running statistics; 0 if there
 * are none.
 *
 * @param data number of training images, and batch size
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
