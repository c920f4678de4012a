import type { ClusterTask } from './cluster-task.ts';
import { slurmTask } from './slurm-task.ts';
import { tfConfigTask } from './tf-config-task.ts';
import type { Variables } from './variables.ts';

/**
 * The task that a launcher has given to this process: by the variable `TF_CONFIG` (Kubeflow, Vertex
 * AI, Ray Train, `fixres launch`), otherwise as a step of Slurm with several tasks. Undefined for a
 * process that trains alone.
 *
 * @throws FixresEngineError `bad-option`
 */
export function taskFromEnvironment(variables: Variables): ClusterTask | undefined {
  const task =
    variables.TF_CONFIG === undefined ? slurmTask(variables) : tfConfigTask(variables.TF_CONFIG);
  return task === undefined || task.addresses.length === 1 ? undefined : task;
}
