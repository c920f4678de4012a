/** What one way of getting the engine lacked, as clauses for the user. */
export interface Missing {
  readonly missing: readonly string[];
  /** There is no network, so other downloads are not tried. */
  readonly offline?: boolean;
}
