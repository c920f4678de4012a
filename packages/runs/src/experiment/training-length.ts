import type { ArmSpec } from './experiment.ts';

/** Length of an arm's training if nothing stops it. */
export interface TrainingLength {
  /** The last one can be shorter than the others. */
  epochs: number;
  /** Updates in a whole epoch. */
  stepsPerEpoch: number;
  /** Total number of updates. */
  steps: number;
  /** Total number of images, each counted as often as it is trained on. */
  images: number;
}

/**
 * @param data number of training images and batch size; the last update of an epoch can see fewer
 */
export function trainingLength(
  {
    epochs: most,
    steps: mostSteps = Infinity,
    accumulate,
  }: Pick<ArmSpec, 'epochs' | 'steps'> & { accumulate?: number | undefined },
  data: { images: number; batchSize: number },
): TrainingLength {
  const perUpdate = imagesPerUpdate({ accumulate }, data.batchSize);
  const stepsPerEpoch = Math.ceil(data.images / perUpdate);
  const steps = Math.min(most * stepsPerEpoch, mostSteps);
  const whole = Math.floor(steps / stepsPerEpoch);
  const images = whole * data.images + (steps - whole * stepsPerEpoch) * perUpdate;
  return { epochs: Math.ceil(steps / stepsPerEpoch), stepsPerEpoch, steps, images };
}

/** Number of images of each update, except for the last one of an epoch. */
export function imagesPerUpdate(
  { accumulate = 1 }: { accumulate?: number | undefined },
  batchSize: number,
): number {
  return accumulate * batchSize;
}

/** Whether the last epoch is shorter than the others. */
export function endsWithinEpoch({ epochs, stepsPerEpoch, steps }: TrainingLength): boolean {
  return steps < epochs * stepsPerEpoch;
}

/** Number of images trained on in the first epochs of a training. */
export function imagesTrained(length: TrainingLength, epochs: number, images: number): number {
  return epochs < length.epochs ? epochs * images : length.images;
}
