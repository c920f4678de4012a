import { type ClusterTask, joinCluster, type JoinOptions } from '@fixres/engine/cluster';
import { JoinedTraining } from './joined-training.ts';

/** How a session runs as one of several processes that train together. */
export interface ClusterChoice extends JoinOptions {
  task: ClusterTask;
  /**
   * Whether batch normalisation uses the statistics of the images of all processes. The first
   * process decides for all.
   */
  syncBatchNorm: boolean;
  /** Called when all processes stop, because one was interrupted. Must fire the session's signal. */
  interrupt: () => void;
}

/**
 * Joins the other processes. The native engine must be in use. Does not wait for them.
 *
 * @throws FixresEngineError `engine-unavailable`, `cluster-failed`
 */
export function joinTraining(choice: ClusterChoice, signal: AbortSignal): JoinedTraining {
  const { task, syncBatchNorm, interrupt, ...options } = choice;
  return new JoinedTraining(joinCluster(task, options), { syncBatchNorm, interrupt, signal });
}
