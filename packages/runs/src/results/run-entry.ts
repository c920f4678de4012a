/** A run folder and its path in the searched folder; `.` for that folder itself. */
export interface FoundRun {
  name: string;
  folder: string;
}

/** `interrupted`: also when the process was killed and could not say so. `unreadable`: there is no configuration to read. */
export type RunState = 'running' | 'finished' | 'failed' | 'interrupted' | 'unreadable';

/** The arm of a finished run with the highest accuracy under its own test policy. */
export interface BestArm {
  arm: string;
  policy: string;
  size: number;
  /** 0..1 */
  accuracy: number;
  ci95: [number, number];
}

/** Entry of a run in a list. */
export interface RunEntry extends FoundRun {
  state: RunState;
  dataset: string | null;
  model: string | null;
  arms: string[];
  seeds: number[];
  best: BestArm | null;
  /** ISO 8601. */
  startedAt: string | null;
  /** Running time without pauses; for a finished run, the time in its summary. */
  seconds: number | null;
  /** Why it failed. */
  problem: string | null;
}
