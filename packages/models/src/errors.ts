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
  /** The model computes something that is not read; its configuration says so. */
  | 'unsupported-model'
  /** Optimiser state does not fit the variables it is meant for. */
  | 'bad-optimizer-state'
  /** The tfjs backend changed between two steps of the same optimiser. */
  | 'engine-changed'
  /** A file or folder is not there. */
  | 'not-found'
  /** The folder to write exists already. */
  | 'folder-exists'
  /** A model folder is incomplete, or its files contradict each other. */
  | 'damaged-model'
  /** The model card of a folder does not have the fields it must have. */
  | 'bad-model-card'
  /** The model card was written by a later release. */
  | 'unknown-card-version'
  /** Neither the model nor its user says how images are prepared. */
  | 'no-contract'
  /** The model was made for another preprocessing contract. */
  | 'contract-mismatch'
  /** A weights file is damaged, or none of Keras. */
  | 'bad-weights-file'
  /** A file is or claims to be larger than allowed. */
  | 'limit-exceeded'
  /** The arrays of a weights file are not those of the model. */
  | 'weights-mismatch'
  /** There are no published weights of this name. */
  | 'unknown-weights'
  /** A download failed. */
  | 'download-failed'
  /** A file does not have the published checksum. */
  | 'bad-checksum';

/** The one error class of this package. */
export class FixresModelsError extends Error {
  override readonly name = 'FixresModelsError';
  readonly code: FixresModelsErrorCode;

  constructor(code: FixresModelsErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
