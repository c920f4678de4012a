export type FixresRunsErrorCode =
  /** A value that is not allowed, or settings that conflict. */
  | 'bad-option'
  /** An experiment file that cannot be read, or that contains no experiment. */
  | 'bad-experiment'
  /** The folder of a new run is not empty. */
  | 'run-exists'
  /** The folder contains no run, or one that cannot be resumed. */
  | 'bad-run'
  /** Another process writes to the run. */
  | 'run-locked'
  /** The run folder cannot be written, for example because the disk is full. */
  | 'write-failed'
  /** The run folder cannot be read. */
  | 'read-failed'
  /** The run folder was removed, or another process took it, while the run wrote to it. */
  | 'run-gone';

/** Every expected failure of this package. */
export class FixresRunsError extends Error {
  override readonly name = 'FixresRunsError';
  readonly code: FixresRunsErrorCode;

  constructor(code: FixresRunsErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}
