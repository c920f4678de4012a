export type FixresRunnerErrorCode =
  /** A value that is not allowed, or settings that do not fit together. */
  | 'bad-option'
  /** An experiment file that cannot be read or does not hold an experiment. */
  | 'bad-experiment'
  /** The folder of a new run is not empty. */
  | 'run-exists'
  /** The folder holds no run, or one that cannot be continued. */
  | 'bad-run'
  /** Another process writes to the run. */
  | 'run-locked'
  /** The run's folder cannot be written any more, for example because the disk is full. */
  | 'write-failed'
  /** The run's folder cannot be read. */
  | 'read-failed'
  /** The run's folder was removed, or another process has taken it, while the run wrote to it. */
  | 'run-gone'
  /** The images are not those that the run began with. */
  | 'dataset-changed'
  | 'non-finite-loss'
  | 'frozen-moved'
  | 'tensor-leak'
  /** A saved training state does not fit the model. */
  | 'bad-state'
  /** A store of features did not give back what was just written. */
  | 'features-lost';

/** Every expected failure of this package. */
export class FixresRunnerError extends Error {
  override readonly name = 'FixresRunnerError';
  readonly code: FixresRunnerErrorCode;
  /** The images of the batch, with `non-finite-loss`. */
  readonly images: readonly string[];

  constructor(
    code: FixresRunnerErrorCode,
    message: string,
    options: { images?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.images = options.images ?? [];
  }
}
