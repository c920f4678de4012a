import type { Schedule } from './schedule.ts';

/** Where training stands, and how long it lasts in all. */
export interface TrainingPosition {
  /** Updates made so far, from 0: the rate asked for is that of the next one. */
  step: number;
  /** Updates in an epoch. */
  stepsPerEpoch: number;
  /** Length of the whole training in epochs. */
  epochs: number;
  /** Length of the whole training in updates, where its last epoch is a shorter one. Default: all updates of its epochs. */
  steps?: number;
}

/**
 * The learning rate of one update. It depends on nothing else, so a continued run gets the same rates.
 *
 * Warm-up and cosine are Keras's `CosineDecay` with `warmup_target` (I. Loshchilov and F. Hutter, "SGDR", arXiv 1608.03983): the rate
 * changes with every update, and the minimum would be that of the update after the last. Steps are torch's `StepLR`.
 *
 * @param schedule as `parseSchedule` returns it: its fields are not checked again.
 */
export function learningRateAt(
  schedule: Schedule,
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
      // A warm-up as long as the training leaves nothing to fall.
      const done = left > 0 ? Math.min((step - warmUpSteps) / left, 1) : 0;
      return minimum + (rate - minimum) * 0.5 * (1 + Math.cos(Math.PI * done));
    }
  }
}
