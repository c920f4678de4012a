/** What went wrong, as a word a program can test. */
export type FixresModelsErrorCode =
  /** An option has a value that is not allowed. */
  | 'bad-option'
  /** No model has this name. */
  | 'unknown-model'
  /** The model is not one whose layers can be told apart by name. */
  | 'unknown-architecture'
  /** The model does not end in logits or in a softmax over them. */
  | 'unsupported-output'
  /** Optimiser state does not fit the variables it is meant for. */
  | 'bad-optimizer-state'
  /** The tfjs backend changed between two steps of the same optimiser. */
  | 'engine-changed';

/** The one error class of this package. */
export class FixresModelsError extends Error {
  override readonly name = 'FixresModelsError';
  readonly code: FixresModelsErrorCode;

  constructor(code: FixresModelsErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
