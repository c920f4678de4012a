import { FixresEngineError } from '../errors.ts';
import { checkTask, type ClusterTask, MOST_PROCESSES } from './cluster-task.ts';
import { expandHosts } from './expand-hosts.ts';
import type { Variables } from './variables.ts';

/** The first port on each host, as in TensorFlow's `SlurmClusterResolver`. */
const FIRST_PORT = 8888;

/**
 * The task of a process in a step of Slurm (`srun`) with several tasks; otherwise undefined. Tasks
 * on the same host have ports from 8888, or from `FIXRES_CLUSTER_PORT`.
 *
 * @throws FixresEngineError `bad-option`
 */
export function slurmTask(variables: Variables): ClusterTask | undefined {
  if (!(Number(variables.SLURM_STEP_NUM_TASKS ?? 1) > 1)) return undefined;
  const hosts = expandHosts(required(variables, 'SLURM_STEP_NODELIST'));
  const counts = tasksPerNode(required(variables, 'SLURM_STEP_TASKS_PER_NODE'));
  if (hosts.length !== counts.length)
    throw wrong(
      `SLURM_STEP_TASKS_PER_NODE is for ${counts.length} hosts, and SLURM_STEP_NODELIST names ${hosts.length}`,
    );
  const first = Number(variables.FIXRES_CLUSTER_PORT ?? FIRST_PORT);
  const placed = hosts.flatMap((host, i) =>
    Array.from({ length: counts[i]! }, (_, local) => ({ host, port: first + local })),
  );
  const addresses = placed.map(({ host, port }) => `${host}:${port}`);
  const task = checkTask(
    { addresses, rank: Number(required(variables, 'SLURM_PROCID')) },
    variables.FIXRES_CLUSTER_PORT === undefined
      ? 'The step of Slurm'
      : 'Variable FIXRES_CLUSTER_PORT',
  );
  const { host } = placed[task.rank]!;
  const own = variables.SLURMD_NODENAME;
  // Slurm does not say on which host each task is; this is known for blocks alone.
  if (own !== undefined && own !== host)
    throw wrong(
      `SLURM_PROCID is ${task.rank} on host ${own}, where ${host} was expected; use srun --distribution=block`,
    );
  return task;
}

/** `2(x3),1` as 2, 2, 2, 1. */
export function tasksPerNode(list: string): number[] {
  const counts = list.split(',').flatMap((part) => {
    const [, tasks, times = '1'] = /^(\d{1,9})(?:\(x(\d{1,9})\))?$/.exec(part) ?? [];
    if (tasks === undefined)
      throw wrong(
        `SLURM_STEP_TASKS_PER_NODE is "${list.slice(0, 200)}"; it must be like "2(x3),1"`,
      );
    const length = Math.min(Number(times), MOST_PROCESSES + 1);
    return Array.from({ length }, () => Math.min(Number(tasks), MOST_PROCESSES + 1));
  });
  if (counts.reduce((sum, count) => sum + count, 0) > MOST_PROCESSES)
    throw wrong(`SLURM_STEP_TASKS_PER_NODE is for more than ${MOST_PROCESSES} tasks`);
  return counts;
}

function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (value !== undefined && value !== '') return value;
  throw wrong(`${name} is missing, in a step of Slurm with several tasks`);
}

function wrong(what: string): FixresEngineError {
  return new FixresEngineError('bad-option', `Variable ${what}.`);
}
