import type { ArmResult } from '../results/summarize.ts';
import type { StateArrays } from './state-arrays.ts';
import type { BestEpoch, TrainingProgress } from './training-progress.ts';

/** Training state of an arm, from which it can be resumed. */
export interface ArmCheckpoint {
  progress: TrainingProgress;
  /** Highest resident set size so far, in 10^6 bytes. */
  peakRssMb: number;
  /** All numbers of the trainer. */
  state: StateArrays;
  /** Weights of the best epoch so far, if they are saved. */
  best?: StateArrays | undefined;
  /**
   * Names of the weights that no step of the arm changes: the same in all its checkpoints, in `state` and in
   * `best`, so that a store can write them once. A loaded checkpoint does not have the names.
   */
  frozen?: ReadonlySet<string> | undefined;
}

/** An arm that has been trained and evaluated. */
export interface FinishedArm {
  result: ArmResult['seeds'][number];
  /** Its weights, if a later arm is initialised from them. */
  weights?: StateArrays | undefined;
  /** Weights of its best epoch, if they are saved. */
  best?: (BestEpoch & { weights: StateArrays }) | undefined;
}

/**
 * Stores what a run needs to be resumed. A save resolves once the data is durable; a load returns
 * intact data or nothing. `CheckpointFolder` of `@fixres/runs/node` stores it in files.
 */
export interface CheckpointStore {
  /** The latest checkpoint of an arm, if there is one. */
  load(arm: string, seed: number): Promise<ArmCheckpoint | undefined>;
  save(arm: string, seed: number, checkpoint: ArmCheckpoint): Promise<void>;
  loadFinished(arm: string, seed: number): Promise<FinishedArm | undefined>;
  saveFinished(arm: string, seed: number, finished: FinishedArm): Promise<void>;
}
