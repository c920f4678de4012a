import type { RunConfig, RunEvent } from '@fixres/runs';

/** What is reported while images are opened and checked. */
export interface PreparationListeners {
  /** A line for people: what was chosen, and what they should know. */
  note?: ((text: string) => void) | undefined;
  /** What people should know before they rely on the result. Warnings of a run are events of it. */
  warning?: ((text: string) => void) | undefined;
  /** The state of a slow step. Each text replaces the one before. */
  progress?: ((text: string) => void) | undefined;
}

/** What is reported while a run is prepared and computed. */
export interface SessionListeners extends PreparationListeners {
  /** Once, before the first event. */
  begin?: ((config: RunConfig) => void) | undefined;
  /** Every event, after it was written to the log of the run. */
  event?: ((event: RunEvent) => void) | undefined;
}
