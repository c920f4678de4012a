import type { UnscaledSchedule } from './schedule.ts';

/** The current position in a training, and its total length. */
export interface TrainingPosition {
  /** Number of updates so far; the result is the rate of the next one. */
  step: number;
  /** Updates per epoch. */
  stepsPerEpoch: number;
  /** Length of the whole training in epochs. */
  epochs: number;
  /**
   * Length of the whole training in updates, if its last epoch is shorter. Default: all updates of
   * its epochs.
   */
  steps?: number;
}

/**
 * The learning rate of one update. It depends only on the arguments, so a resumed run gets the same
 * rates.
 *
 * Warm-up and cosine are Keras's `CosineDecay` with `warmup_target` (I. Loshchilov and F. Hutter,
 * "SGDR", arXiv 1608.03983): the rate changes with every update, and the minimum would be that of
 * the update after the last. Steps are torch's `StepLR`.
 *
 * @param schedule from `scaledSchedule`; its fields are not checked again.
 */
export function learningRateAt(
  schedule: UnscaledSchedule,
  { step, stepsPerEpoch, epochs, steps = epochs * stepsPerEpoch }: TrainingPosition,
): number {
  const { rate, warmUp } = schedule;
  const warmUpSteps = (warmUp?.epochs ?? 0) * stepsPerEpoch;
  if (warmUp !== undefined && step < warmUpSteps) {
    const from = warmUp.from ?? 0;
    return from + (rate - from) * (step / warmUpSteps);
  }
  switch (schedule.type) {
    case 'constant':
      return rate;
    case 'step': {
      const { factor = 0.1, every = 30, parts } = schedule;
      const falls = parts === undefined ? step / stepsPerEpoch / every : (step * parts) / steps;
      return rate * factor ** Math.floor(falls);
    }
    case 'cosine': {
      const { minimum = 0 } = schedule;
      const left = steps - warmUpSteps;
      // After a warm-up as long as the training, nothing is left to decay.
      const done = left > 0 ? Math.min((step - warmUpSteps) / left, 1) : 0;
      return minimum + (rate - minimum) * 0.5 * (1 + Math.cos(Math.PI * done));
    }
  }
}
