/** The smallest and the largest value that a setting may have. */
export interface SettingRange {
  readonly low: number;
  readonly high: number;
}

type Setting =
  | 'side'
  | 'modelSide'
  | 'width'
  | 'epochs'
  | 'seedCount'
  | 'seed'
  | 'batchSize'
  | 'steps'
  | 'images';

/**
 * Which whole numbers the settings of an experiment may have: one table for experiment files, for options of a command line and for
 * experiments made in code. It is light, so that help and errors of usage load nothing of TensorFlow.js.
 */
export const settingRanges: Readonly<Record<Setting, SettingRange>> = {
  /** Side of images in pixels, as the policies of `@fixres/data` give them. */
  side: { low: 8, high: 4096 },
  /** The same for the architectures that have a name: below five halvings nothing is left of an image at their last stage. */
  modelSide: { low: 32, high: 4096 },
  /** Channels of the stem of an architecture that has a name. */
  width: { low: 4, high: 512 },
  /** Passes over the training images. */
  epochs: { low: 1, high: 10_000 },
  /** How often all arms are trained. */
  seedCount: { low: 1, high: 100 },
  seed: { low: 0, high: Number.MAX_SAFE_INTEGER },
  /** Images in a step; batch normalisation needs two. */
  batchSize: { low: 2, high: 4096 },
  /** Most updates of an arm. */
  steps: { low: 1, high: 1e9 },
  /** Number of images: of a data set, or of those that something is estimated from. */
  images: { low: 1, high: 1e9 },
};

/** The words for what a range allows: `a whole number from 1 to 100`. */
export function allowedBy({ low, high }: SettingRange): string {
  return high === Number.MAX_SAFE_INTEGER
    ? `a whole number of at least ${low}`
    : `a whole number from ${low} to ${high}`;
}

/** Whether a range allows a value. */
export function isWithin(value: number, { low, high }: SettingRange): boolean {
  return Number.isSafeInteger(value) && value >= low && value <= high;
}
