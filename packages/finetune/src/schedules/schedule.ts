/**
 * A rise of the rate over the first updates: linear in the update's number, from `from` to the
 * schedule's rate.
 */
export interface WarmUp {
  /** Length in epochs, above 0; fractions are allowed. */
  epochs: number;
  /** Rate of the very first update. Default 0. */
  from?: number;
}

/** How the rate depends on the number of images of an update. */
export interface LearningRateScaling {
  /** In proportion, or by the square root. */
  rule: 'linear' | 'square-root';
  /** Images per update for which the schedule's rate is meant. Default 256. */
  referenceBatch?: number;
}

/** The same rate from the first update to the last. */
export interface ConstantSchedule {
  type: 'constant';
  rate: number;
  warmUp?: WarmUp;
}

/**
 * The rate is multiplied by `factor` after every `every` epochs, counted from the start of
 * training, or after each of `parts` equal parts of the training.
 */
export interface StepSchedule {
  type: 'step';
  rate: number;
  /** Default 0.1. */
  factor?: number;
  /** Whole number of epochs. Default 30. */
  every?: number;
  /**
   * Instead of `every`: number of parts, at least 1. The rate then falls equally often in trainings
   * of different length.
   */
  parts?: number;
  warmUp?: WarmUp;
}

/**
 * Half a period of a cosine from `rate` down to `minimum` at the end of training. Starts after the
 * warm-up.
 */
export interface CosineSchedule {
  type: 'cosine';
  rate: number;
  /** Final rate of the schedule. Default 0. */
  minimum?: number;
  warmUp?: WarmUp;
}

/**
 * How the learning rate changes during training. Plain data: it survives `JSON.stringify` and
 * `JSON.parse`.
 */
export type Schedule = Shape & {
  /** Default: the rates are those of the updates, whatever their number of images. */
  scaling?: LearningRateScaling;
};

/** A schedule with the rates of its updates, from `scaledSchedule`. */
export type UnscaledSchedule = Shape & { scaling?: never };

type Shape = ConstantSchedule | StepSchedule | CosineSchedule;
