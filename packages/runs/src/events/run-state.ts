/**
 * The state of a run.
 *
 * - `running`: a process writes to it.
 * - `silent`: according to its lock, a process of another machine writes to it, but it has written
 *   nothing for a while.
 * - `finished`: it has its results.
 * - `failed`: it ended with an error.
 * - `interrupted`: it was stopped on request. Any run that is neither finished nor running can be
 *   resumed.
 * - `crashed`: its process died.
 */
export type RunState = 'running' | 'silent' | 'finished' | 'failed' | 'interrupted' | 'crashed';

/**
 * A run of another machine is silent if it has written nothing for this long. Steps take seconds,
 * evaluations longer.
 */
export const SILENT_AFTER_MS: number = 5 * 60_000;

/** Facts from the files of a run that determine its state. */
export interface RunSigns {
  /** Whether there is a summary. */
  hasSummary: boolean;
  /** Type of its last event, apart from warnings. */
  lastEvent: string | undefined;
  /** The process that its lock names; `gone` without a lock. */
  writer: 'living' | 'gone' | 'elsewhere';
  /** When one of its files was last written, in milliseconds. */
  updatedAt: number;
  /** In milliseconds. */
  now: number;
}

/** The state of a run. */
export function runState({ hasSummary, lastEvent, writer, updatedAt, now }: RunSigns): RunState {
  if (hasSummary || lastEvent === 'run-end') return 'finished';
  // Even after an end, because the run may be resumed.
  if (writer === 'living') return 'running';
  if (writer === 'elsewhere') return now - updatedAt > SILENT_AFTER_MS ? 'silent' : 'running';
  if (lastEvent === 'run-failed') return 'failed';
  return lastEvent === 'run-interrupted' ? 'interrupted' : 'crashed';
}
