import type { RunEvent } from '@fixres/runs';

/** Options to follow and stop the work. */
export interface Control {
  /**
   * Stops the work, which then throws the reason of the signal. A run is saved and can be resumed.
   */
  signal?: AbortSignal | undefined;
  /** Receives notes for the user, one line each. */
  onNote?: ((text: string) => void) | undefined;
  /** Receives the state of slow steps. Each text replaces the previous one. */
  onProgress?: ((text: string) => void) | undefined;
}

/** Options to follow and stop a run. */
export interface RunControl extends Control {
  /** Receives every event of the run after it is written to its log. */
  onEvent?: ((event: RunEvent) => void) | undefined;
  /**
   * Environment variables, for the address of the server and the credentials of the log `mlflow`;
   * usually `process.env`, which fixres does not read by itself. Default: none.
   */
  variables?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Makes options with a default optional. Nothing is printed, so options for output are removed. */
export type WithDefaults<Options, Defaults> = Omit<Options, keyof Defaults | 'dryRun'> &
  Partial<Pick<Options, Extract<keyof Options, keyof Defaults>>>;

/** Fills in defaults. Options that are `undefined` are removed. */
export function withDefaults<Options extends object, Defaults extends object>(
  options: Options,
  defaults: Defaults,
): Defaults & Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Defaults & Options;
}
