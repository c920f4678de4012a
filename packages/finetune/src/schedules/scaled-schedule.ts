import { refuse } from '../errors.ts';
import type { LearningRateScaling, Schedule, UnscaledSchedule } from './schedule.ts';

/** Images per update for which a rate is meant by default, as in Goyal et al. */
export const DEFAULT_REFERENCE_BATCH = 256;

/** The exponent of the number of images in the learning rate, by rule. */
export const scalingExponents: Readonly<Record<LearningRateScaling['rule'], number>> = {
  linear: 1,
  'square-root': 0.5,
};

/**
 * The rate for a number of images per update, by a rule:
 *
 * - `linear`: in proportion (P. Goyal et al., arXiv 1706.02677, for SGD)
 * - `square-root`: by the square root, which keeps the variance of an update (A. Krizhevsky, arXiv 1404.5997;
 *   for Adam, D. Granziol et al., JMLR 23, 2022)
 *
 * @param rate for an update of `scaling.referenceBatch` images
 * @param images of an update, in all processes and accumulated batches together
 */
export function scaledRate(
  rate: number,
  { rule, referenceBatch = DEFAULT_REFERENCE_BATCH }: LearningRateScaling,
  images: number,
): number {
  return rate * (images / referenceBatch) ** scalingExponents[rule];
}

/**
 * A schedule with the rates of its updates: `rate` and the `minimum` of a cosine are scaled. The first rate of a warm-up
 * is not, so a warm-up can rise from the rate of the reference batch, as in Goyal et al.
 *
 * @param images of an update, in all processes and accumulated batches together
 * @throws FixresFinetuneError `bad-schedule` if `images` is no whole number of at least 1
 */
export function scaledSchedule(schedule: Schedule, images: number): UnscaledSchedule {
  if (!(Number.isInteger(images) && images >= 1))
    refuse('bad-schedule', 'images', images, 'a whole number of at least 1');
  const { scaling, ...unscaled } = schedule;
  if (scaling === undefined) return unscaled;
  const rate = scaledRate(schedule.rate, scaling, images);
  return unscaled.type === 'cosine' && unscaled.minimum !== undefined
    ? { ...unscaled, rate, minimum: scaledRate(unscaled.minimum, scaling, images) }
    : { ...unscaled, rate };
}
