/**
 * - `not-found`: the runs folder does not exist.
 * - `bad-option`: an option is not allowed, alone or beside the others.
 * - `port-in-use`: another program listens there.
 * - `not-possible`: a run is not in the state for what was asked of it.
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
