/**
 * - `not-found`: the runs folder does not exist.
 * - `bad-option`: an option is not allowed, alone or in combination.
 * - `port-in-use`: another program uses the port.
 * - `not-possible`: the state of the run does not allow the request.
 */
export type FixresDashboardErrorCode = 'not-found' | 'bad-option' | 'port-in-use' | 'not-possible';

/** Every expected failure of this package. */
export class FixresDashboardError extends Error {
  override readonly name = 'FixresDashboardError';
  readonly code: FixresDashboardErrorCode;

  constructor(code: FixresDashboardErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
