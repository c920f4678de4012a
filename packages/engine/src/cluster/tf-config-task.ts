import { FixresEngineError } from '../errors.ts';
import { checkTask, type ClusterTask } from './cluster-task.ts';

/** Jobs whose tasks train, in the order of their ranks. `master` is an older name of `chief`. */
const jobs = ['chief', 'master', 'worker'];

/**
 * The task in a value of `TF_CONFIG`, as `tf.distribute` defines it: the addresses of all tasks by
 * the names of their jobs, and job and index of this task. The chief has rank 0. Undefined if the
 * value names no cluster.
 *
 * @throws FixresEngineError `bad-option`
 */
export function tfConfigTask(value: string): ClusterTask | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw wrong(`is not JSON: ${(cause as Error).message}`, cause);
  }
  const { cluster, task } = recordOf(parsed);
  if (cluster === undefined) return undefined;
  const addresses: string[] = [];
  const starts = new Map<string, number>();
  const named = recordOf(cluster);
  const other = Object.keys(named).find((job) => !jobs.includes(job) && !isEmpty(named[job]));
  if (other !== undefined)
    throw wrong(`names the job "${other}"; tasks that train are ${jobs.join(', ')}`);
  for (const job of jobs) {
    const list = named[job];
    if (list === undefined) continue;
    if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
      throw wrong(`has no list of addresses for the job "${job}"`);
    starts.set(job, addresses.length);
    addresses.push(...list);
  }
  if (addresses.length === 0) return undefined;
  const { type, index } = recordOf(task);
  const start = typeof type === 'string' ? starts.get(type) : undefined;
  if (start === undefined)
    throw wrong(`gives this process the job ${JSON.stringify(type)}, which its cluster has not`);
  // Some launchers write the index as text.
  return checkTask({ addresses, rank: start + Number(index) }, 'Variable TF_CONFIG');
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

function wrong(what: string, cause?: unknown): FixresEngineError {
  return new FixresEngineError('bad-option', `Variable TF_CONFIG ${what}.`, { cause });
}
