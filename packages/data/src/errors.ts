/** What went wrong, for programs. */
export type FixresDataErrorCode =
  | 'not-found'
  | 'unsupported-format'
  | 'bad-layout'
  | 'empty-class'
  | 'one-class'
  | 'too-few-images'
  | 'unsafe-entry'
  | 'damaged-archive'
  | 'corrupt-image'
  | 'image-too-large'
  | 'limit-exceeded'
  | 'bad-checksum'
  | 'download-failed'
  | 'write-failed'
  | 'bad-option';

/** Every expected failure of this package. The message is complete: it names what was received and what is allowed. */
export class FixresDataError extends Error {
  override readonly name = 'FixresDataError';
  readonly code: FixresDataErrorCode;

  constructor(code: FixresDataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
