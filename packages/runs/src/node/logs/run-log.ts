import type { StateArrays } from '../../checkpoints/state-arrays.ts';
import type { EpochRecord, RunEvent } from '../../events/events.ts';

/** An additional log of a run. It receives the events of the run. */
export interface RunLog {
  onEvent: (event: RunEvent) => void;
  /**
   * Called after every epoch.
   *
   * @param weights reads the weights that were evaluated
   */
  onEpoch?: (
    arm: string,
    seed: number,
    record: EpochRecord,
    weights: () => Promise<StateArrays>,
  ) => Promise<void>;
  close?: () => void | Promise<void>;
}
