import type { ClusterTask } from '@fixres/engine/cluster';
import type { ClusterChoice } from '@fixres/runner/node';
import type { ClusterOptions } from '../options/cluster-options.ts';

/** The choice of the first process. */
export function clusterChoice(
  task: ClusterTask,
  { stepTimeout, syncBatchNorm = false }: ClusterOptions,
): Omit<ClusterChoice, 'interrupt'> {
  return { task, stepTimeout, syncBatchNorm };
}
