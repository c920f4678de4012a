/** What went wrong, as a word a program can test. */
export type FixresModelsErrorCode =
  /** An option has a value that is not allowed. */
  | 'BAD_OPTION'
  /** No model has this name. */
  | 'UNKNOWN_MODEL'
  /** The model is not one whose layers can be told apart by name. */
  | 'UNKNOWN_ARCHITECTURE'
  /** The model does not end in logits or in a softmax over them. */
  | 'UNSUPPORTED_OUTPUT'
  /** Optimiser state does not fit the variables it is meant for. */
  | 'BAD_OPTIMIZER_STATE'
  /** The tfjs backend changed between two steps of the same optimiser. */
  | 'ENGINE_CHANGED';

/** The one error class of this package. */
export class FixresModelsError extends Error {
  override readonly name = 'FixresModelsError';
  readonly code: FixresModelsErrorCode;

  constructor(code: FixresModelsErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
