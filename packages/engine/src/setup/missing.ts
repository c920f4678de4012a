/** What a way of getting the engine lacked: one clause each for the user. */
export interface Missing {
  readonly missing: readonly string[];
  /** There is no network, so that another download need not be tried. */
  readonly offline?: boolean;
}
