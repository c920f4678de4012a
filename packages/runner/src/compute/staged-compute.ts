import type { Policy } from '@fixres/data';
import { type ArmSpec, imagesBySize, type TrainingLength, trainingLength } from '@fixres/runs';
import { armCompute, type ImageCompute } from './arm-compute.ts';
import { stepsWithin } from './steps-within.ts';

/** The images of an arm that count, and what one costs under a policy. */
export interface StagedImages {
  /** Number of training images. */
  images: number;
  /** Epochs that are trained. Default: all. */
  epochs?: number;
  /** As in `ArmImages`; at the size of the train policy. Default 0. */
  forwardOnly?: number;
  costOf: (policy: Policy) => ImageCompute;
}

/** {@link armCompute} of an arm whose train size may grow. */
export function stagedCompute(
  spec: Pick<ArmSpec, 'trainPolicy' | 'progressive'>,
  length: TrainingLength,
  { images, epochs = length.epochs, forwardOnly = 0, costOf }: StagedImages,
): bigint {
  return imagesBySize(spec, length, { images, to: epochs }).reduce(
    (sum, { policy, trained }) => sum + armCompute(costOf(policy), { trained }),
    armCompute(costOf(spec.trainPolicy), { trained: 0, forwardOnly }),
  );
}

/**
 * {@link stepsWithin} for an arm whose train size may grow. Longer trainings have longer stages of
 * each size.
 *
 * @param data number of training images, and images of an update
 */
export function stagedStepsWithin(
  budget: bigint,
  spec: Pick<ArmSpec, 'trainPolicy' | 'progressive'>,
  { costOf, ...data }: { images: number; batchSize: number } & Pick<StagedImages, 'costOf'>,
): number {
  const atLeast = stepsWithin(budget, costOf(spec.trainPolicy), data);
  if (spec.progressive === undefined) return atLeast;
  const fits = (steps: number): boolean =>
    stagedCompute(spec, trainingLength({ epochs: Infinity, steps }, data), {
      images: data.images,
      costOf,
    }) <= budget;
  // No image is larger than in the last stage.
  let [low, high] = [atLeast, Math.max(1, 2 * atLeast)];
  while (fits(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
