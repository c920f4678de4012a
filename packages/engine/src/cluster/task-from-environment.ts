import type { ClusterTask } from './cluster-task.ts';
import { slurmTask } from './slurm-task.ts';
import { tfConfigTask } from './tf-config-task.ts';
import type { Variables } from './variables.ts';

/**
 * The task that a launcher has given to this process: by the variable `TF_CONFIG` (Kubeflow, Vertex
 * AI, Ray Train, `fixres launch`), otherwise as a step of Slurm with several tasks. Undefined without a
 * launcher; the task can be the only one of `TF_CONFIG`.
 *
 * @throws FixresEngineError `bad-option`
 */
export function taskFromEnvironment(variables: Variables): ClusterTask | undefined {
  const { TF_CONFIG } = variables;
  return TF_CONFIG === undefined ? slurmTask(variables) : tfConfigTask(TF_CONFIG);
}
