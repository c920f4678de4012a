import type { SessionFactory } from '@fixres/engine/graph';
import type { Reducer } from '@fixres/engine/cluster';
import type { ClusterSettings, StateArrays } from '@fixres/runs';

/**
 * Several processes that train one model together, as a training sees them. Every process makes the
 * same calls in the same order. `joinTraining` of `@fixres/runner/node` creates it.
 */
export interface TrainingCluster {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  readonly settings: ClusterSettings;
  /** Loads the graphs of training steps. */
  readonly openSession: SessionFactory;
  /** Reductions for one compiled graph. */
  createReducer(): Reducer;
  /** What this process asks of all, sent along with the next step, [{@link VOTES}]: 1 for yes. */
  votes(): Float32Array;
  /**
   * Receives the votes of a step, averaged over all processes. One is enough to interrupt
   * the training of all after the same step.
   */
  count(votes: Float32Array): void;
  /** Exchanges the votes of a step that the processes took without each other, and counts them. */
  vote(): void;
  /**
   * Whether all processes save a checkpoint now: whether any wanted to by the last step.
   *
   * @param isDue whether this process wants to; it counts in the next step
   */
  agreeOnSaving(isDue: boolean): boolean;
  /** Gives bytes to all processes, and returns what each gave, by rank. */
  readonly exchange: (bytes: Uint8Array) => Uint8Array[];
  /** The value that the first process has, for all. Plain data, maps and typed arrays. */
  share<T>(value: T): T;
  /** The names of the arrays of which not all processes have the same numbers, to the bit. */
  differing(state: StateArrays): string[];
  /**
   * Compares the numbers of all processes to the bit.
   *
   * @param when `epoch 3, step 7`, for the message
   * @throws FixresRunnerError `processes-differ` with the first array that differs
   */
  requireEqual(state: StateArrays, when: string): void;
}

/** Number of questions that processes vote on: whether to stop, and whether to save. */
export const VOTES = 2;
