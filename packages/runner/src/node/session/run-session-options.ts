import type { ClusterChoice } from '../cluster/join-training.ts';
import type { DatasetWords } from '../images/dataset-words.ts';
import type { SessionListeners } from './session-listeners.ts';

export interface RunSessionOptions {
  /** The run folder. It must not exist, or be empty. */
  folder: string;
  /** Interrupts the run. Its state is saved, and `resumeSession` resumes it. */
  signal?: AbortSignal | undefined;
  on?: SessionListeners | undefined;
  /**
   * Number of epochs after which the first arm that reaches it ends the run with the error `paused`, when its
   * state is saved; it can be resumed. Not with `cluster`. Default: none.
   */
  pauseAfter?: number | undefined;
  /** Environment variables for the log `mlflow`; see `mlflowServer` of `@fixres/runs/node`. */
  variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Names of data set settings in messages. Default: the options of the command line. */
  words?: DatasetWords | undefined;
  /**
   * Runs as the first of several processes that train together; the others call `followSession`.
   * Needs the native engine. Default: alone.
   */
  cluster?: ClusterChoice | undefined;
}
