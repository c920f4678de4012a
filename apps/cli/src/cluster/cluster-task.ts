import { checkTask, type ClusterTask, taskFromEnvironment } from '@fixres/engine/cluster';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { ClusterOptions } from '../options/cluster-options.ts';

/**
 * The task of this process among several that train together: by `--cluster` and `--rank`,
 * otherwise as the launcher says in the environment. Undefined for a process that trains alone; one with
 * synchronised batch normalisation computes it as several do, if it has a launcher or an address.
 *
 * @throws ExitError; FixresEngineError `bad-option`
 */
export function clusterTask({
  syncBatchNorm = false,
  ...place
}: Pick<ClusterOptions, 'cluster' | 'rank' | 'syncBatchNorm'>): ClusterTask | undefined {
  const task = namedTask(place);
  return task?.addresses.length === 1 && !syncBatchNorm ? undefined : task;
}

function namedTask({
  cluster,
  rank,
}: Pick<ClusterOptions, 'cluster' | 'rank'>): ClusterTask | undefined {
  if (cluster === undefined) {
    if (rank !== undefined) throw usage('Option --rank needs --cluster.');
    return taskFromEnvironment(process.env);
  }
  if (cluster.length === 1 && cluster[0] === 'none') return undefined;
  if (rank === undefined)
    throw usage('Option --cluster needs --rank, the number of this process from 0.');
  return checkTask({ addresses: cluster, rank }, 'Option --cluster');
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
