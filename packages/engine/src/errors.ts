/** What can go wrong with an engine; a literal to branch on. */
export type FixresEngineErrorCode =
  /** The requested engine cannot run here; the message states what to do. */
  | 'engine-unavailable'
  /** An option has a value that is not allowed. */
  | 'bad-option'
  /** A convolution that the wasm training kernels cannot differentiate. */
  | 'unsupported-kernel'
  /** The `@tensorflow/tfjs-backend-wasm` kernels are not there yet. */
  | 'wasm-not-loaded'
  /** A function does something that a graph cannot, or not in the same way each time. */
  | 'not-compilable'
  /** A compiled graph was used with a function or an input that it does not have, or after it was disposed. */
  | 'bad-graph-call'
  /** The system's folder of temporary files cannot be written. */
  | 'no-temporary-folder'
  /** Something that the engine is made of cannot be downloaded. */
  | 'download-failed'
  /** The set-up was stopped by its `AbortSignal`. */
  | 'aborted';

/** Every error this package throws on purpose. */
export class FixresEngineError extends Error {
  override readonly name = 'FixresEngineError';
  readonly code: FixresEngineErrorCode;

  constructor(code: FixresEngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
