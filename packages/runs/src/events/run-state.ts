/**
 * What a run is doing, or how it ended.
 *
 * - `running`: a process writes to it.
 * - `silent`: a process of another machine writes to it, as far as its lock says, but has written nothing for a while.
 * - `finished`: it has its results.
 * - `failed`: it ended with an error.
 * - `interrupted`: it was stopped. All that is not finished and not running can be resumed.
 * - `crashed`: its process died.
 */
export type RunState = 'running' | 'silent' | 'finished' | 'failed' | 'interrupted' | 'crashed';

/** A run of another machine that has written nothing for so long is silent. Steps take seconds, evaluations longer. */
export const SILENT_AFTER_MS: number = 5 * 60_000;

/** What the files of a run say about its state. */
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
  // Also after an end: the run is being resumed.
  if (writer === 'living') return 'running';
  if (writer === 'elsewhere') return now - updatedAt > SILENT_AFTER_MS ? 'silent' : 'running';
  if (lastEvent === 'run-failed') return 'failed';
  return lastEvent === 'run-interrupted' ? 'interrupted' : 'crashed';
}
