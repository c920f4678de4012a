export type FixresRunnerErrorCode =
  /** A value that is not allowed, or settings that conflict. */
  | 'bad-option'
  /** Training needs more memory than allowed. */
  | 'memory-exceeded'
  /** The process that measures the memory of training ended without a result. */
  | 'memory-unknown'
  /** A folder that contains no model, a damaged one, or one that cannot be trained. */
  | 'bad-model'
  /** The images are not those that the run began with. */
  | 'dataset-changed'
  /** The loss, or a prediction, is not a number. */
  | 'non-finite-loss'
  /** An arm left tensors behind. */
  | 'tensor-leak'
  /** A saved training state does not fit the model. */
  | 'bad-state'
  /** The run ended after the epoch at which it was to pause; its state is saved. */
  | 'paused'
  /** The processes of a cluster have different numbers. */
  | 'processes-differ'
  /** A store of features did not return what was just written. */
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
