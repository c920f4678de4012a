import type { ArmSpec } from './experiment.ts';

/** How long an arm trains when nothing stops it. */
export interface TrainingLength {
  /** The last one may be shorter than the others. */
  epochs: number;
  /** Updates in a whole epoch. */
  stepsPerEpoch: number;
  /** Updates in all. */
  steps: number;
  /** Images in all, each counted as often as it is trained on. */
  images: number;
}

/** @param data number of training images, and of those in a batch; the last batch of an epoch may be smaller */
export function trainingLength(
  { epochs: most, steps: mostSteps = Infinity }: Pick<ArmSpec, 'epochs' | 'steps'>,
  data: { images: number; batchSize: number },
): TrainingLength {
  const stepsPerEpoch = Math.ceil(data.images / data.batchSize);
  const steps = Math.min(most * stepsPerEpoch, mostSteps);
  const whole = Math.floor(steps / stepsPerEpoch);
  const images = whole * data.images + (steps - whole * stepsPerEpoch) * data.batchSize;
  return { epochs: Math.ceil(steps / stepsPerEpoch), stepsPerEpoch, steps, images };
}

/** Whether the last epoch is shorter than the others. */
export function endsWithinEpoch({ epochs, stepsPerEpoch, steps }: TrainingLength): boolean {
  return steps < epochs * stepsPerEpoch;
}

/** Images that were trained on in the first so many epochs of a training. */
export function imagesTrained(length: TrainingLength, epochs: number, images: number): number {
  return epochs < length.epochs ? epochs * images : length.images;
}
