import type { RunEvent } from '@fixres/runs';

/** What a program can follow and stop. */
export interface Control {
  /** Stops the work, which then throws the reason of the signal. A run is saved and can be resumed. */
  signal?: AbortSignal | undefined;
  /** Gets lines for people: what was chosen, and what they should know. */
  onNote?: ((text: string) => void) | undefined;
  /** Gets the state of slow steps. Each text replaces the one before. */
  onProgress?: ((text: string) => void) | undefined;
}

/** What a program can follow and stop of a run. */
export interface RunControl extends Control {
  /** Gets every event of the run, after it was written to its log. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Options of which those with a default may be left out. Nothing is printed, so options for output are not among them. */
export type WithDefaults<Options, Defaults> = Omit<Options, keyof Defaults | 'dryRun'> &
  Partial<Pick<Options, Extract<keyof Options, keyof Defaults>>>;

/** Fills in defaults. An option that is `undefined` is left out. */
export function withDefaults<Options extends object, Defaults extends object>(
  options: Options,
  defaults: Defaults,
): Defaults & Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Defaults & Options;
}
