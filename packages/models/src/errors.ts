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
  /** The folder of a model is damaged, or holds none. */
  | 'bad-model-folder'
  /** The card in a model folder is malformed, or of a later version. */
  | 'bad-model-card'
  /** Images are prepared otherwise than the model expects. */
  | 'contract-differs'
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
