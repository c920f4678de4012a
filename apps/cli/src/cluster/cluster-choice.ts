import type { ClusterTask } from '@fixres/engine/cluster';
import type { ClusterChoice } from '@fixres/runner/node';
import { defaultClusterSettings } from '@fixres/runs';
import type { ClusterOptions } from '../options/cluster-options.ts';

/** The choice of the first process. */
export function clusterChoice(
  task: ClusterTask,
  { stepTimeout, ...given }: ClusterOptions,
): Omit<ClusterChoice, 'interrupt'> {
  const {
    syncBatchNorm = defaultClusterSettings.syncBatchNorm,
    gradientPrecision = defaultClusterSettings.gradientPrecision,
  } = given;
  return { task, stepTimeout, settings: { syncBatchNorm, gradientPrecision } };
}
