/** Error codes for programs. */
export type FixresModelsErrorCode =
  /** An option has a value that is not allowed. */
  | 'bad-option'
  /** No model has this name. */
  | 'unknown-model'
  /** The model's layer names are not those of a known architecture. */
  | 'unknown-architecture'
  /** The model does not end in logits or in a softmax over them. */
  | 'unsupported-output'
  /** The configuration contains something that is not supported. */
  | 'unsupported-model'
  /** Optimizer state does not fit the variables it is meant for. */
  | 'bad-optimizer-state'
  /** The tfjs backend changed between two steps of the same optimizer. */
  | 'engine-changed'
  /** A file or folder does not exist. */
  | 'not-found'
  /** The folder to write already exists. */
  | 'folder-exists'
  /** A model folder is incomplete, or its files contradict each other. */
  | 'damaged-model'
  /** The model card of a folder does not have the required fields. */
  | 'bad-model-card'
  /** The model card was written by a later release. */
  | 'unknown-card-version'
  /** Neither the model nor its user states how images are prepared. */
  | 'no-contract'
  /** The model was made for a different preprocessing contract. */
  | 'contract-mismatch'
  /** A weights file is damaged, or has another format. */
  | 'bad-weights-file'
  /** A file is larger than allowed, or claims to be. */
  | 'limit-exceeded'
  /** The arrays of a weights file do not match the model, or any supported network. */
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
