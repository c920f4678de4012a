import type {
  ArmRecord,
  DatasetRecord,
  EngineRecord,
  RunEvent,
  Summary,
} from '../events/events.ts';
import type { RunState } from '../events/run-state.ts';
import type { RunConfig } from '../experiment/run-config.ts';

/** An arm without a result, and its progress. */
export interface PendingArm extends Pick<
  ArmRecord,
  'name' | 'description' | 'trainSize' | 'epochs' | 'equalCost' | 'freeze' | 'initFrom' | 'curves'
> {
  /** `<policy>@<size>` of its own test policy. */
  testPolicy: string;
  /** Its state; `waiting` if it was never started. */
  state: Exclude<RunState, 'finished'> | 'waiting';
}

/** How far the run was when it ended without a result. */
export interface Standing {
  arm: string;
  seed: number;
  /** Completed epochs. */
  epoch: number;
  epochs: number;
}

/** The content of a run folder. */
export interface RecordedRun {
  folder: string;
  /** The command that resumes it, for a shell of this machine. */
  resumeCommand: string;
  state: RunState;
  /** Message of a failed run. */
  problem: string | null;
  /** Images of the batch whose loss was not finite. */
  batch: readonly string[];
  /** The arm that was being trained or evaluated when the run ended without a result. */
  standing: Standing | null;
  /** ISO 8601 times of the first and the latest event. */
  began: string | null;
  latest: string | null;
  /** Of all sessions together. */
  seconds: number;
  config: RunConfig;
  environment: unknown;
  /** `null` for a run that crashed before its first event. */
  engine: EngineRecord | null;
  dataset: DatasetRecord | null;
  /** The result; for an unfinished run, that of its finished arms. `null` if there is none. */
  summary: Summary | null;
  /** The seeds that the summary includes. */
  seeds: readonly number[];
  pending: PendingArm[];
  /** Warnings of the run, and files that cannot be read. */
  warnings: string[];
  /** The valid events; of a series of progress events, the last one. */
  events: readonly RunEvent[];
}
