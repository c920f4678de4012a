import type {
  ArmRecord,
  DatasetRecord,
  EngineRecord,
  RunEvent,
  Summary,
} from '../events/events.ts';
import type { RunState } from '../events/run-state.ts';
import type { RunConfig } from '../experiment/run-config.ts';

/** An arm that has no result, and how far it came. */
export interface PendingArm extends Pick<
  ArmRecord,
  'name' | 'description' | 'trainSize' | 'epochs' | 'equalCost' | 'freeze' | 'initFrom' | 'curves'
> {
  /** `<policy>@<size>` of its own test policy. */
  testPolicy: string;
  /** What became of it; `waiting` when it was never begun. */
  state: Exclude<RunState, 'finished'> | 'waiting';
}

/** Where the run stood when it ended without a result. */
export interface Standing {
  arm: string;
  seed: number;
  /** Epochs that are whole. */
  epoch: number;
  epochs: number;
}

/** What a run folder tells. */
export interface RecordedRun {
  folder: string;
  /** The command that resumes it, as it is typed in a shell of this machine. */
  resumeCommand: string;
  state: RunState;
  /** Message of a failed run. */
  problem: string | null;
  /** Images of the batch whose loss was no number. */
  batch: readonly string[];
  /** The arm that was being trained or tested when the run ended without a result. */
  standing: Standing | null;
  /** ISO 8601 times of the first and the latest event. */
  began: string | null;
  latest: string | null;
  /** Of all sessions together. */
  seconds: number;
  config: RunConfig;
  environment: unknown;
  /** `null` for a run that was killed before its first event. */
  engine: EngineRecord | null;
  dataset: DatasetRecord | null;
  /** The result; of an unfinished run what its finished arms say. `null` while there is none. */
  summary: Summary | null;
  /** The seeds that the summary counts. */
  seeds: readonly number[];
  pending: PendingArm[];
  /** What happened on the way that people should know, and files that cannot be read. */
  warnings: string[];
  /** The events that count; of a series of progress the last one. */
  events: readonly RunEvent[];
}
