/** The smallest and the largest allowed value of a setting. */
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
 * Allowed whole numbers for the settings of an experiment: one table for experiment files, command
 * line options and experiments in code. It is small, so that help and usage errors do not load
 * TensorFlow.js.
 */
export const settingRanges: Readonly<Record<Setting, SettingRange>> = {
  /** Image size in pixels, as output by the policies of `@fixres/data`. */
  side: { low: 8, high: 4096 },
  /**
   * The same for the named architectures: with a smaller image, nothing is left after their five
   * halvings.
   */
  modelSide: { low: 32, high: 4096 },
  /** Channels of the stem of a named architecture. */
  width: { low: 4, high: 512 },
  /** Epochs. */
  epochs: { low: 1, high: 10_000 },
  /** Number of times that all arms are trained. */
  seedCount: { low: 1, high: 100 },
  seed: { low: 0, high: Number.MAX_SAFE_INTEGER },
  /** Batch size; batch normalisation needs two images. */
  batchSize: { low: 2, high: 4096 },
  /** Maximum number of updates of an arm. */
  steps: { low: 1, high: 1e9 },
  /** Number of images: of a data set, or for an estimate. */
  images: { low: 1, high: 1e9 },
};

/** Text for the allowed range: `a whole number from 1 to 100`. */
export function allowedBy({ low, high }: SettingRange): string {
  return high === Number.MAX_SAFE_INTEGER
    ? `a whole number of at least ${low}`
    : `a whole number from ${low} to ${high}`;
}

/** Whether a range allows a value. */
export function isWithin(value: number, { low, high }: SettingRange): boolean {
  return Number.isSafeInteger(value) && value >= low && value <= high;
}
