/** Error codes of this package. */
export type FixresEngineErrorCode =
  /** The requested engine cannot run here; the message states what to do. */
  | 'engine-unavailable'
  /** An option has a value that is not allowed. */
  | 'bad-option'
  /** The wasm training kernels cannot differentiate this convolution. */
  | 'unsupported-kernel'
  /** The `@tensorflow/tfjs-backend-wasm` kernels are not registered yet. */
  | 'wasm-not-loaded'
  /** A function does something that a graph cannot do, or that changes from run to run. */
  | 'not-compilable'
  /**
   * A compiled graph was called with an unknown function or a wrong input, or after it was
   * disposed.
   */
  | 'bad-graph-call'
  /** The system's temporary folder cannot be written. */
  | 'no-temporary-folder'
  /** Another process of the cluster is gone, failed, or did not take part in time. */
  | 'cluster-failed'
  /** A part of the engine cannot be downloaded. */
  | 'download-failed'
  /** The setup was aborted by its `AbortSignal`. */
  | 'aborted';

/** Every expected error of this package. */
export class FixresEngineError extends Error {
  override readonly name = 'FixresEngineError';
  readonly code: FixresEngineErrorCode;

  constructor(code: FixresEngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
