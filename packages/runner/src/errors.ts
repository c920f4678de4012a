export type FixresRunnerErrorCode = 'bad-option' | 'run-exists' | 'non-finite-loss' | 'frozen-moved' | 'tensor-leak' | 'bad-state';

/** Every expected failure of this package. */
export class FixresRunnerError extends Error {
  override readonly name = 'FixresRunnerError';
  readonly code: FixresRunnerErrorCode;

  constructor(code: FixresRunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
