import type { StateArrays } from '../../checkpoints/state-arrays.ts';
import type { EpochRecord, RunEvent } from '../../events/events.ts';

/** A log beside the run's own. It receives the events of the run. */
export interface RunLog {
  onEvent: (event: RunEvent) => void;
  /**
   * After every epoch.
   *
   * @param weights reads the weights that were evaluated
   */
  onEpoch?: (
    arm: string,
    seed: number,
    record: EpochRecord,
    weights: () => Promise<StateArrays>,
  ) => Promise<void>;
  close?: () => void;
}
