import type { ImageSize } from '@fixres/data';
import type { RunState } from '../events/run-state.ts';

/** A run folder, and its path relative to the searched folder; `.` for that folder itself. */
export interface FoundRun {
  name: string;
  folder: string;
}

/** The arm of a finished run with the highest accuracy under its own test policy. */
export interface BestArm {
  arm: string;
  policy: string;
  size: ImageSize;
  /** 0..1 */
  accuracy: number;
  ci95: [number, number];
}

/** Entry of a run in a list. */
export interface RunEntry extends FoundRun {
  /** `unreadable`: its configuration is missing or unreadable. */
  state: RunState | 'unreadable';
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
