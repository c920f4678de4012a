import type { ClusterTask } from '@fixres/engine/cluster';
import type { RunConfig } from '@fixres/runs';
import type { ClusterOptions } from '../options/cluster-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { clusterTask } from './cluster-task.ts';

/**
 * The task of this process when it resumes a run. One process computes synchronised batch normalisation as
 * several do if the run began so.
 *
 * @param recorded how the processes of the run trained; undefined if it trained alone
 */
export function resumedTask(
  options: Pick<ClusterOptions, 'cluster' | 'rank'>,
  recorded: RunConfig['cluster'],
  terminal: Pick<Terminal, 'warn'>,
): ClusterTask | undefined {
  const syncBatchNorm = recorded?.syncBatchNorm ?? false;
  const task = clusterTask({ ...options, syncBatchNorm });
  if (syncBatchNorm && task === undefined)
    terminal.warn(
      'The run began with --sync-batch-norm, and this process has no launcher: it normalises by another kernel, so results differ. To continue as it began, use fixres launch.',
    );
  return task;
}
