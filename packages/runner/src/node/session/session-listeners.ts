import type { RunConfig, RunEvent } from '@fixres/runs';

/** Listeners while images are opened and checked. */
export interface PreparationListeners {
  /** Receives a note for the user, one line each. */
  note?: ((text: string) => void) | undefined;
  /**
   * Receives warnings that affect how far the result can be trusted. Warnings of a run are also
   * events of it.
   */
  warning?: ((text: string) => void) | undefined;
  /** Receives the state of a slow step. Each text replaces the previous one. */
  progress?: ((text: string) => void) | undefined;
}

/** Listeners while a run is prepared and computed. */
export interface SessionListeners extends PreparationListeners {
  /** Called once, before the first event. */
  begin?: ((config: RunConfig) => void) | undefined;
  /** Receives every event after it is written to the log of the run. */
  event?: ((event: RunEvent) => void) | undefined;
}
