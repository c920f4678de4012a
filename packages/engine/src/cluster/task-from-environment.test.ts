import { describe, expect, it } from 'vitest';
import { taskFromEnvironment } from './task-from-environment.ts';
import { tasksPerNode } from './slurm-task.ts';

const tfConfig = (cluster: unknown, task: unknown): { TF_CONFIG: string } => ({
  TF_CONFIG: JSON.stringify({ cluster, task }),
});

describe('TF_CONFIG', () => {
  it('gives the chief the first rank, and workers the next', () => {
    const cluster = { worker: ['b:2', 'c:3'], chief: ['a:1'] };
    const addresses = ['a:1', 'b:2', 'c:3'];
    expect(taskFromEnvironment(tfConfig(cluster, { type: 'chief', index: 0 }))).toEqual({
      addresses,
      rank: 0,
    });
    // Some launchers write the index as text.
    expect(taskFromEnvironment(tfConfig(cluster, { type: 'worker', index: '1' }))).toEqual({
      addresses,
      rank: 2,
    });
  });

  it('can name one process', () => {
    const variables = tfConfig({ worker: ['a:1'] }, { type: 'worker', index: 0 });
    expect(taskFromEnvironment(variables)).toEqual({ addresses: ['a:1'], rank: 0 });
  });

  it('without a cluster means training alone', () => {
    for (const variables of [
      tfConfig({}, { type: 'worker', index: 0 }),
      tfConfig(undefined, undefined),
      {},
    ])
      expect(taskFromEnvironment(variables)).toBeUndefined();
  });

  const two = { worker: ['a:1', 'b:2'] };
  it.each([
    [{ TF_CONFIG: '{' }, /^Variable TF_CONFIG is not JSON: /],
    [
      tfConfig({ ...two, ps: ['c:3'] }, { type: 'ps', index: 0 }),
      /names the job "ps"; tasks that train are chief, master, worker\.$/,
    ],
    [
      tfConfig(two, { type: 'evaluator', index: 0 }),
      /the job "evaluator", which its cluster has not\.$/,
    ],
    [
      tfConfig(two, { type: 'worker', index: 2 }),
      /the number 2; it must be a whole number from 0 to 1\.$/,
    ],
    [tfConfig(two, { type: 'worker' }), /the number NaN; /],
    [
      tfConfig({ worker: ['a:1', 'b'] }, { type: 'worker', index: 0 }),
      /the address "b"; it must be host:port\.$/,
    ],
    [
      tfConfig({ worker: ['a:1', 'b:70000'] }, { type: 'worker', index: 0 }),
      /the address "b:70000"; /,
    ],
    [
      tfConfig({ worker: ['a:1', 'a:1'] }, { type: 'worker', index: 0 }),
      /the address "a:1" twice; /,
    ],
    [
      tfConfig({ worker: 'a:1' }, { type: 'worker', index: 0 }),
      /no list of addresses for the job "worker"\.$/,
    ],
  ])('refuses %j', (variables, message) => {
    expect(() => taskFromEnvironment(variables)).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});

describe('a step of Slurm', () => {
  const step = {
    SLURM_STEP_NUM_TASKS: '5',
    SLURM_STEP_NODELIST: 'n[1-2],m7',
    SLURM_STEP_TASKS_PER_NODE: '2(x2),1',
    SLURM_PROCID: '3',
    SLURMD_NODENAME: 'n2',
  };

  it('has its tasks in blocks, each with its own port on its host', () => {
    expect(taskFromEnvironment(step)).toEqual({
      addresses: ['n1:8888', 'n1:8889', 'n2:8888', 'n2:8889', 'm7:8888'],
      rank: 3,
    });
    expect(taskFromEnvironment({ ...step, FIXRES_CLUSTER_PORT: '9000' })?.addresses[1]).toBe(
      'n1:9001',
    );
  });

  it('of one task means training alone', () => {
    expect(taskFromEnvironment({ ...step, SLURM_STEP_NUM_TASKS: '1' })).toBeUndefined();
  });

  it.each([
    [
      { SLURMD_NODENAME: 'n1' },
      /SLURM_PROCID is 3 on host n1, where n2 was expected; use srun --distribution=block\.$/,
    ],
    [{ SLURM_STEP_TASKS_PER_NODE: '2,2' }, /is for 2 hosts, and SLURM_STEP_NODELIST names 3\.$/],
    [{ SLURM_STEP_TASKS_PER_NODE: 'two' }, /is "two"; it must be like "2\(x3\),1"\.$/],
    [{ SLURM_STEP_TASKS_PER_NODE: '9(x999999999)' }, /is for more than 4096 tasks\.$/],
    [
      { SLURM_PROCID: undefined },
      /SLURM_PROCID is missing, in a step of Slurm with several tasks\.$/,
    ],
    [
      { FIXRES_CLUSTER_PORT: '65535' },
      /^Variable FIXRES_CLUSTER_PORT names the address "n1:65536"; /,
    ],
  ])('refuses %j', (changes, message) => {
    expect(() => taskFromEnvironment({ ...step, ...changes })).toThrow(message);
  });

  it('counts tasks as Slurm writes them', () => {
    expect(tasksPerNode('2(x3),1')).toEqual([2, 2, 2, 1]);
  });
});
