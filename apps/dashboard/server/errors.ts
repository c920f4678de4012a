export type FixresDashboardErrorCode =
  /** The folder of runs does not exist. */
  | 'not-found'
  /** An option has a value that is not allowed, alone or in combination with others. */
  | 'bad-option'
  /** Another program listens on the port. */
  | 'port-in-use'
  /** The state of a run does not allow the request. */
  | 'not-possible';

/** Every expected failure of this package. */
export class FixresDashboardError extends Error {
  override readonly name = 'FixresDashboardError';
  readonly code: FixresDashboardErrorCode;

  constructor(code: FixresDashboardErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
