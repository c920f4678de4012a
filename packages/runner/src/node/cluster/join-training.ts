import { type ClusterTask, joinCluster, type JoinOptions } from '@fixres/engine/cluster';
import type { ClusterSettings } from '@fixres/runs';
import { JoinedTraining } from './joined-training.ts';

/** How a session runs as one of several processes that train together. */
export interface ClusterChoice extends JoinOptions {
  task: ClusterTask;
  /** Those of the first process count for all. */
  settings: ClusterSettings;
  /** Called when all processes stop, because one was interrupted. Must fire the session's signal. */
  interrupt: () => void;
}

/**
 * Joins the other processes. The native engine must be in use. Does not wait for them.
 *
 * @throws FixresEngineError `engine-unavailable`, `cluster-failed`
 */
export function joinTraining(choice: ClusterChoice, signal: AbortSignal): JoinedTraining {
  const { task, settings, interrupt, ...options } = choice;
  return new JoinedTraining(joinCluster(task, options), { settings, interrupt, signal });
}
