import type { ArmResult } from '../results/summarize.ts';
import type { StateArrays } from './state-arrays.ts';
import type { BestEpoch, TrainingProgress } from './training-progress.ts';

/** Training of an arm, as it can be taken up again. */
export interface ArmCheckpoint {
  progress: TrainingProgress;
  /** Highest resident set size so far, in 10^6 bytes. */
  peakRssMb: number;
  /** All numbers of the trainer. */
  state: StateArrays;
  /** Weights of the best epoch so far, where they are kept. */
  best?: StateArrays | undefined;
}

/** An arm that is trained and tested. */
export interface FinishedArm {
  result: ArmResult['seeds'][number];
  /** Its weights, where a later arm starts from them. */
  weights?: StateArrays | undefined;
  /** Weights of its best epoch, where they are kept. */
  best?: (BestEpoch & { weights: StateArrays }) | undefined;
}

/**
 * Where a run keeps what it needs to go on. Saving ends when what was saved will survive; what it gives back is whole, or not there.
 * `CheckpointFolder` of `@fixres/runs/node` keeps it in files.
 */
export interface CheckpointStore {
  /** The latest checkpoint of an arm, if there is one. */
  load(arm: string, seed: number): Promise<ArmCheckpoint | undefined>;
  save(arm: string, seed: number, checkpoint: ArmCheckpoint): Promise<void>;
  loadFinished(arm: string, seed: number): Promise<FinishedArm | undefined>;
  saveFinished(arm: string, seed: number, finished: FinishedArm): Promise<void>;
}
